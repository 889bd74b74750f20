"""Endpoints of others: what the deployed stack tells them, and whether they can verify it in another language."""

import json
import os
import re
import ssl
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from command import admin_token, ask
from conftest import ROOT, SENDING, run, until
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from handbook import commands, follow
from helpdesk import local
from standardwebhooks import Webhook, WebhookVerificationError

STORE = "outgoing"


class Receiver:
    """A server on this machine that keeps what it is sent; over TLS where it is given a place for its certificate."""

    def __init__(self, certificate=None):
        received = self.received = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                received.append((dict(self.headers), body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server.server_address[1]


@pytest.fixture
def admin(stack):
    """Where the API of the deployed stack is, and a token that may do everything."""
    return local(stack, stack.outputs["ApiUrl"]), admin_token(stack)


@pytest.fixture
def certificate(tmp_path):
    """A certificate for hooks.example.com that signed itself: its file with the key, and in DER for who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example.com")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example.com")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, der = tmp_path / "server.pem", tmp_path / "server.der"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    der.write_bytes(made.public_bytes(serialization.Encoding.DER))
    return pem, der


def verifies(secret, body, headers):
    """Whether the official library takes it."""
    try:
        Webhook(secret).verify(body, {name.lower(): value for name, value in headers.items()})
    except WebhookVerificationError:
        return False
    return True


def test_the_official_python_library_verifies_what_is_sent(certificate):
    pem, der = certificate
    receiver = Receiver(pem)
    command = [str(ROOT / "target" / "debug" / "examples" / "call_endpoint"), str(receiver.port), str(der)]
    said = json.loads(run(command, os.environ).splitlines()[-1])
    assert said["attempts"] == [1, 1]
    (headers, body), (later, other) = receiver.received
    assert [headers["webhook-id"], later["webhook-id"]] == said["events"]
    old, new = said["secrets"]
    assert verifies(old, body, headers) and not verifies(new, body, headers)
    # While a secret takes over both are right: a receiver may change whenever he likes.
    assert verifies(old, other, later) and verifies(new, other, later)
    assert not verifies(old, body + b" ", headers)
    assert not verifies(old, body, {**headers, "webhook-id": "another"})
    assert not verifies(old, body, {**headers, "webhook-timestamp": "1700000000"})
    assert json.loads(body)["type"] == "MetricsRolledUp.v1" and len(body) < 20_000


def told(stack, heading, token="", **changes):
    """Follows a section of the handbook with these settings in place of those that stand there, and this token; gives what
    it prints."""
    block = "\n".join(commands(heading))
    for name, value in changes.items():
        block, found = re.subn(rf"^{name}=.*$", f"{name}='{value}'", block, flags=re.M)
        assert found == 1, name
    return follow(stack, f"export WITHIN24_TOKEN='{token}'", block)


def put_event(stack, kind, detail):
    """An event as the functions store and publish it; gives its key."""
    at = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    detail = {"id": f"event-{kind}-{at}".replace(":", "").replace(".", ""), "store": STORE, "at": at, **detail}
    stack.aws.client("dynamodb").put_item(
        TableName=stack.outputs["TableName"],
        Item={
            "pk": {"S": f"EVENT#{STORE}"},
            "sk": {"S": detail["id"]},
            "type": {"S": f"{kind}.v1"},
            "detail": {"S": json.dumps(detail)},
        },
    )
    entry = {
        "EventBusName": stack.outputs["EventBusName"],
        "Source": "within24",
        "DetailType": f"{kind}.v1",
        "Detail": json.dumps(detail),
    }
    answer = stack.aws.client("events").put_events(Entries=[entry])
    assert answer["FailedEntryCount"] == 0
    return detail["id"]


def alert(level):
    return {
        "thread": "01kk22s3907r832mr580w9",
        "marketplace": "GB",
        "order_ids": ["205-3308416-7752091"],
        "level": level,
        "waiting_since": "2026-03-06T17:23:00Z",
        "due_at": "2026-03-07T17:23:00Z",
    }


def calls(stack):
    """The calls to the endpoints of the test's store."""
    rows = stack.aws.client("dynamodb").scan(TableName=stack.outputs["TableName"])["Items"]
    plain = [{name: next(iter(value.values())) for name, value in row.items()} for row in rows]
    return [row for row in plain if row["pk"].startswith(f"CALL#{STORE}#")]


def test_the_stack_tells_an_endpoint_and_tries_again_when_it_cannot_be_reached(stack, admin):
    settings = {"recipient": f"{STORE}@mail.lampen.example", "from": SENDING, "daily_orders": 20}
    ask(*admin, "PUT", f"/v1/stores/{STORE}", settings)
    # A name that can never lead anywhere (RFC 6761): this machine is no public internet, and the function calls nothing else.
    changes = {"STORE": STORE, "ENDPOINT": "https://hooks.within24.invalid/"}
    made = json.loads(told(stack, "Send signed events to a system", admin[1], **changes))
    assert made["secret"].startswith("whsec_") and made["events"] == ["ThreadCritical.v1", "ThreadOverdue.v1"]
    key = put_event(stack, "ThreadOverdue", alert("overdue"))
    put_event(stack, "ThreadOpened", {**alert("overdue"), "level": None})
    call = until("two attempts were made", lambda: [one for one in calls(stack) if int(one["attempts"]) >= 2], seconds=60)[0]
    assert (call["event"], call["state"], call["answer"]) == (key, "waiting", "no-such-host")
    assert len(calls(stack)) == 1, "what it does not want is not told"
    [shown] = ask(*admin, "GET", f"/v1/stores/{STORE}/endpoints/{made['id']}/calls")["calls"]
    assert (shown["event"], shown["state"], shown["last"]["answer"]) == (key, "waiting", "no-such-host")
    attempts = [line for line in stack.logs("call-webhook") if line.get("message") == "dealt with a call that was due"]
    assert {line["call.outcome"] for line in attempts} == {"again"}
    assert all("hooks.within24.invalid" not in json.dumps(line) for line in stack.logs("call-webhook"))
    sqs = stack.aws.client("sqs")
    depth = sqs.get_queue_attributes(
        QueueUrl=stack.outputs["OutgoingDeadLettersUrl"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert depth["Attributes"]["ApproximateNumberOfMessages"] == "0"


def test_an_endpoint_is_told_again_what_it_missed(stack, admin):
    [endpoint] = ask(*admin, "GET", f"/v1/stores/{STORE}/endpoints")["endpoints"]
    path = f"/v1/stores/{STORE}/endpoints/{endpoint['id']}"
    assert ask(*admin, "POST", f"{path}/disable")["disabled"]["why"] == "person"
    missed = put_event(stack, "ThreadCritical", alert("critical"))
    of_it = lambda state: [one for one in calls(stack) if one["event"] == missed and one["state"] == state]
    until("it is missed", lambda: of_it("ended"))
    assert of_it("ended")[0]["attempts"] == "0"
    assert ask(*admin, "POST", f"{path}/enable")["disabled"] is None
    changes = {"STORE": STORE, "ENDPOINT": endpoint["id"], "SINCE": endpoint["created_at"]}
    again = json.loads(told(stack, "Send missed events again", admin[1], **changes))
    assert again == {"started": 1, "next": None}
    until("it was called", lambda: [one for one in of_it("waiting") if int(one["attempts"]) > 0])


def test_the_schedule_brings_what_is_to_be_told_again(stack):
    # No message of the queue brings it: as a call whose wait is longer than the queue can keep.
    call = calls(stack)[0]
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    texts = {":waiting": "waiting", ":now": now, ":due": "CALL", ":place": f"{now}#{call['pk']}#{call['sk']}"}
    stack.aws.client("dynamodb").update_item(
        TableName=stack.outputs["TableName"],
        Key={"pk": {"S": call["pk"]}, "sk": {"S": call["sk"]}},
        UpdateExpression="SET #state = :waiting, attempts = :none, #next = :now, #look = :now, due_pk = :due, due_sk = :place"
        " ADD version :one",
        ExpressionAttributeNames={"#state": "state", "#next": "next", "#look": "look"},
        ExpressionAttributeValues={name: {"S": text} for name, text in texts.items()} | {":none": {"N": "0"}, ":one": {"N": "1"}},
    )
    told = next(one for one in calls(stack) if one["sk"] == call["sk"])
    assert (told["attempts"], told["state"]) == ("0", "waiting")
    schedule = stack.schedule_now("call-webhook")
    assert json.loads(schedule["Target"]["Input"]) == {"bring": "due"}
    again = lambda: [one for one in calls(stack) if one["sk"] == call["sk"] and int(one["attempts"]) > 0]
    until("it was tried again", again, seconds=120)
    assert [line for line in stack.logs("call-webhook") if line.get("CallLag") is not None]


def test_a_chat_is_told_through_an_api_destination(stack):
    receiver = Receiver()
    told(stack, "Send events to a chat", CHAT=f"http://127.0.0.1:{receiver.port}/", TOKEN="xoxb-test")
    put_event(stack, "ThreadCritical", alert("critical"))
    headers, body = until("the chat is told", lambda: next(iter(receiver.received), None))
    assert headers["Authorization"] == "Bearer xoxb-test"
    said = json.loads(body)
    assert said["channel"] == "#buyers"
    assert "critical" in said["text"] and "01kk22s3907r832mr580w9" in said["text"]
    # What is not the stack's own has to go before the stack can.
    bus, events = stack.outputs["EventBusName"], stack.aws.client("events")
    events.remove_targets(Rule="within24-chat", EventBusName=bus, Ids=["chat"])
    events.delete_rule(Name="within24-chat", EventBusName=bus)
    events.delete_api_destination(Name="within24-chat")
    events.delete_connection(Name="within24-chat")
    iam = stack.aws.client("iam")
    iam.delete_role_policy(RoleName="within24-chat", PolicyName="calls")
    iam.delete_role(RoleName="within24-chat")

