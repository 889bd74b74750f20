"""One stack's life, in order: deployed, used, out of order, put right, changed, deleted."""

import json
import re
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conftest import RECEIVING, REGION, ROOT, SENDING, STACK, run, until

DEMO = ROOT / "tests" / "fixtures" / "demo"
WITHOUT_ORDER = DEMO / "02-fr-no-order-id.eml"
WITH_ORDER = DEMO / "08-gb-lamp-flickers.eml"


def words_for_word(stack, heading):
    """Runs the commands of a section of infra/README.md as they stand there; gives what they print."""
    text = (ROOT / "infra" / "README.md").read_text()
    section = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text, re.M | re.S)
    assert section, f"infra/README.md has no section {heading!r}"
    first = re.search(r"^#+ Names used below\n.*?```sh\n(.*?)```", text, re.M | re.S).group(1)
    blocks = re.findall(r"```sh\n(.*?)```", section.group(1), re.S)
    assert blocks, f"{heading!r} has no commands"
    script = "set -euo pipefail\n" + first + "\n".join(blocks)
    return run(["bash", "-c", script], stack.aws.environment, seconds=120)


def receipt(key, received, recipient=RECEIVING):
    """What SES publishes when it has stored a mail."""
    passed = {"status": "PASS"}
    verdicts = {f"{name}Verdict": passed for name in ["spam", "virus", "spf", "dkim", "dmarc"]}
    action = {"type": "S3", "objectKey": key}
    at = received.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {
        "notificationType": "Received",
        "mail": {"messageId": key, "timestamp": at},
        "receipt": {"timestamp": at, "recipients": [recipient], **verdicts, "action": action},
    }


def store_mail(stack, key, mail, received, changes=()):
    """Puts a raw mail where SES puts it."""
    raw = re.sub(rb"(?m)^Date: .*$", b"Date: " + format_datetime(received).encode(), mail.read_bytes(), count=1)
    for old, new in changes:
        assert old in raw, old
        raw = raw.replace(old, new)
    stack.aws.client("s3").put_object(Bucket=stack.outputs["MailBucketName"], Key=key, Body=raw)


def notify(stack, key, received):
    """Publishes what SES publishes."""
    message = json.dumps(receipt(key, received))
    stack.aws.client("sns").publish(TopicArn=stack.outputs["MailTopicArn"], Message=message)


def deliver(stack, key, mail, received=None, changes=()):
    """A mail arrives as it does through SES: into the bucket, then onto the topic."""
    received = received or datetime.now(timezone.utc)
    store_mail(stack, key, mail, received, changes)
    notify(stack, key, received)


def rows(stack):
    """Every row of the table, texts and numbers as they are."""
    pages = stack.aws.client("dynamodb").get_paginator("scan").paginate(TableName=stack.outputs["TableName"])
    plain = lambda row: {name: next(iter(value.values())) for name, value in row.items()}
    return [plain(row) for page in pages for row in page["Items"]]


def thread_of(stack, buyer):
    """The thread of a buyer, if he has one."""
    mine = [row for row in rows(stack) if row["pk"].startswith("BUYER#") and buyer in row["pk"]]
    threads = [row for row in mine if row["sk"].startswith("THREAD#") and row["sk"] != "THREAD#~"]
    return threads[0] if threads else None


def sent(stack):
    """What went out through SES."""
    answer = stack.aws.get("/_ministack/ses/messages")
    return [mail for mails in answer["messages"].values() for mail in mails] if isinstance(answer["messages"], dict) else answer["messages"]


def depth(stack, queue):
    attributes = stack.aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"]) + int(attributes["ApproximateNumberOfMessagesNotVisible"])


def a_queue_for(stack, name):
    """A queue of the test's own, to listen with."""
    sqs = stack.aws.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}],
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    return url, arn


def take(stack, url):
    messages = stack.aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]


def screen(stack, draft, signed=True):
    """Asks the HTTP API about a draft; gives status and body."""
    api = re.match(r"https://(\w+)\.", stack.outputs["ApiUrl"]).group(1)
    url = f"{stack.aws.url}/_aws/execute-api/{api}/$default/screen"
    request = AWSRequest(method="POST", url=url, data=json.dumps(draft), headers={"content-type": "application/json"})
    if signed:
        SigV4Auth(Credentials("test", "test"), "execute-api", REGION).add_auth(request)
    plain = urllib.request.Request(url, data=request.data.encode(), headers=dict(request.headers), method="POST")
    try:
        with urllib.request.urlopen(plain, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


@pytest.fixture(scope="session")
def ears(stack):
    """Queues that hear what the bus and the alert topic say."""
    events, events_arn = a_queue_for(stack, "ear-events")
    bus = stack.aws.client("events")
    bus.put_rule(Name="ear", EventBusName=stack.outputs["EventBusName"], EventPattern=json.dumps({"source": [{"prefix": ""}]}))
    bus.put_targets(Rule="ear", EventBusName=stack.outputs["EventBusName"], Targets=[{"Id": "ear", "Arn": events_arn}])
    mails, mails_arn = a_queue_for(stack, "ear-mails")
    stack.aws.client("sns").subscribe(TopicArn=stack.outputs["AlertTopicArn"], Protocol="sqs", Endpoint=mails_arn)
    return events, mails


def test_the_deployed_stack_has_what_the_template_says(stack):
    table = stack.aws.client("dynamodb").describe_table(TableName=stack.outputs["TableName"])["Table"]
    assert {index["IndexName"] for index in table["GlobalSecondaryIndexes"]} == {"due", "facts"}
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    alarms = stack.aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert any(alarm["AlarmName"] == f"{STACK}-mail-dead-letters" for alarm in alarms)


def test_a_newcomer_who_follows_the_readme_ends_with_a_threaded_mail(stack):
    words_for_word(stack, "Register your store")
    words_for_word(stack, "A first mail")
    thread = until("the README's mail is a thread", lambda: thread_of(stack, "auqspb7kx674fgi"))
    assert thread["status"] == "needs-response"
    assert depth(stack, stack.outputs["MailDeadLettersUrl"]) == 0


def test_a_mail_without_an_order_id_is_asked_about(stack, ears):
    deliver(stack, "mail/no-order", WITHOUT_ORDER)
    until("the buyer has a thread", lambda: thread_of(stack, "aydpp8wzvesf6xg"))
    mail = until("the request is at SES", lambda: next(iter(sent(stack)), None))
    whole = json.dumps(mail)
    assert "aydpp8wzvesf6xg@marketplace.amazon.fr" in whole
    assert SENDING in whole
    until(
        "the outbox item is marked",
        lambda: [row for row in rows(stack) if row["sk"].startswith("OUT#") and row["state"] == "sent"],
    )


def test_the_same_mail_again_changes_nothing(stack):
    before = sorted(row["pk"] + row["sk"] for row in rows(stack) if row["pk"].startswith("BUYER#"))
    deliver(stack, "mail/no-order-again", WITHOUT_ORDER)
    until(
        "it is known",
        lambda: [line for line in stack.logs("receive-mail") if line.get("mail.outcome") == "duplicate"],
    )
    assert sorted(row["pk"] + row["sk"] for row in rows(stack) if row["pk"].startswith("BUYER#")) == before
    assert len(sent(stack)) == 1


def test_what_cannot_be_taken_in_ends_among_the_dead_letters_and_comes_back(stack):
    sqs, queue = stack.aws.client("sqs"), stack.outputs["MailQueueUrl"]
    # Six minutes between tries are right on AWS, and too long here.
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
    received = datetime.now(timezone.utc)
    # The notification comes, the mail does not: its rights or the bucket are broken.
    notify(stack, "mail/late", received)
    letters = stack.outputs["MailDeadLettersUrl"]
    until("the message is a dead letter", lambda: depth(stack, letters) == 1, seconds=90)
    # What was broken is mended.
    store_mail(stack, "mail/late", WITH_ORDER, received, [(b"auqspb7kx674fgi", b"a1late1late1xyz")])
    words_for_word(stack, "Bring dead letters back")
    until("the mail is a thread", lambda: thread_of(stack, "a1late1late1xyz"), seconds=90)
    until("no dead letter is left", lambda: depth(stack, letters) == 0)
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "360"})


def test_the_api_screens_a_draft_for_those_who_may(stack):
    status, report = screen(stack, {"text": "Please write to me at shop@gmail.com"})
    assert (status, report["verdict"]) == (200, "block")
    assert report["findings"][0]["rule"] == "contact-email"
    status, problem = screen(stack, {"draft": 1})
    assert (status, problem["title"]) == (400, "not a draft")
    status, _ = screen(stack, {"text": "The parcel is due on Friday."}, signed=False)
    assert status == 403


def test_a_draft_is_screened_by_direct_invoke(stack):
    answer = stack.aws.client("lambda").invoke(
        FunctionName=stack.outputs["ScreenReplyName"], Payload=json.dumps([{"text": "The parcel is due on Friday."}])
    )
    assert [report["verdict"] for report in json.load(answer["Payload"])] == ["allow"]


def test_the_schedule_sweeps_and_the_alert_is_on_the_bus_and_in_the_mail(stack, ears):
    events, mails = ears
    # Sent and received 23 and a half hours ago: half an hour is left.
    long_ago = datetime.now(timezone.utc) - timedelta(hours=23, minutes=30)
    deliver(stack, "mail/waiting", WITH_ORDER, long_ago, [(b"auqspb7kx674fgi", b"a1wait1wait1xyz")])
    until("the thread waits", lambda: thread_of(stack, "a1wait1wait1xyz"))
    # Every minute instead of every five.
    scheduler = stack.aws.client("scheduler")
    schedule = scheduler.get_schedule(GroupName=STACK, Name="sweep-sla")
    kept = ["Name", "GroupName", "FlexibleTimeWindow", "Target", "Description", "State"]
    scheduler.update_schedule(
        **{name: schedule[name] for name in kept if name in schedule}, ScheduleExpression="rate(1 minute)"
    )
    heard = []

    def alert():
        heard.extend(take(stack, events))
        return [event for event in heard if event["detail-type"].startswith("ThreadCritical")]

    event = until("the alert is on the bus", alert, seconds=120)[0]
    assert "a1wait1wait1xyz" not in json.dumps(event)
    mail = until("the alert is in the mail", lambda: take(stack, mails), seconds=30)[0]
    assert "205-3308416-7752091" in mail["Message"]
    until("the sweep says so", lambda: [line for line in stack.logs("sweep-sla") if line.get("SweepLag") is not None])


def test_a_change_of_the_stack_keeps_its_data(stack):
    before = sorted(row["pk"] + row["sk"] for row in rows(stack))
    stack.deploy(LogDays="14")
    groups = stack.aws.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{STACK}-")["logGroups"]
    assert {group["retentionInDays"] for group in groups} == {14}
    assert sorted(row["pk"] + row["sk"] for row in rows(stack)) == before
    deliver(stack, "mail/after", WITH_ORDER, changes=[(b"auqspb7kx674fgi", b"a1after1after1x")])
    until("mail is taken in as before", lambda: thread_of(stack, "a1after1after1x"))


def test_nothing_was_refused_by_iam(stack):
    roles = [one for one in stack.aws.refused() if "assumed-role" in one["principal"]]
    assert roles == []


def test_iam_is_enforced(stack):
    """The twin of the test before: with a right taken away the same call is refused."""
    iam = stack.aws.client("iam")
    roles = iam.list_roles(MaxItems=1000)["Roles"]
    role = next(role["RoleName"] for role in roles if "ReceiveMailRole" in role["RoleName"])
    policy = iam.get_role_policy(RoleName=role, PolicyName="ports")["PolicyDocument"]
    without = [one for one in policy["Statement"] if one["Sid"] != "FetchMail"]
    iam.put_role_policy(RoleName=role, PolicyName="ports", PolicyDocument=json.dumps({**policy, "Statement": without}))
    known = len(stack.aws.refused())
    deliver(stack, "mail/refused", WITH_ORDER)
    refused = until("the right is missed", lambda: stack.aws.refused()[known:])
    assert {one["action"] for one in refused} == {"s3:GetObject"}
    iam.put_role_policy(RoleName=role, PolicyName="ports", PolicyDocument=json.dumps(policy))


def test_the_stack_can_be_deleted_and_its_data_stays(stack):
    before = len(rows(stack))
    run(["sam", "delete", "--stack-name", STACK, "--no-prompts", "--region", REGION], stack.aws.environment)
    with pytest.raises(Exception, match="does not exist"):
        stack.aws.client("cloudformation").describe_stacks(StackName=STACK)
    names = [function["FunctionName"] for function in stack.aws.client("lambda").list_functions()["Functions"]]
    assert not [name for name in names if name.startswith(STACK)]
    assert len(rows(stack)) == before
    stack.aws.client("s3").head_object(Bucket=stack.outputs["MailBucketName"], Key="mail/no-order")


def test_a_new_stack_takes_over_the_table_and_the_bucket_of_a_deleted_one(stack):
    table = stack.aws.client("dynamodb").describe_table(TableName=stack.outputs["TableName"])["Table"]
    stack.deploy(CreateTable="no", TableStreamArn=table["LatestStreamArn"], MailBucketName=stack.outputs["MailBucketName"])
    deliver(stack, "mail/again", WITH_ORDER, changes=[(b"auqspb7kx674fgi", b"a1again1again1x")])
    until("the new stack works on the old table", lambda: thread_of(stack, "a1again1again1x"))
