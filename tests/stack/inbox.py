"""Mail in, mail out, and what the table holds of it: what SES does and people see."""

import json
import re
from datetime import datetime, timezone
from email.utils import format_datetime

from conftest import RECEIVING, REGION, ROOT

DEMO = ROOT / "tests" / "fixtures" / "demo"
WITHOUT_ORDER = DEMO / "02-fr-no-order-id.eml"
WITH_ORDER = DEMO / "08-gb-lamp-flickers.eml"
# The buyer of WITH_ORDER; tests that need buyers of their own put another in his place.
BUYER = b"auqspb7kx674fgi"


def now():
    return datetime.now(timezone.utc)


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


def notify(stack, key, received, recipient=RECEIVING):
    """Publishes what SES publishes."""
    message = json.dumps(receipt(key, received, recipient))
    stack.aws.client("sns").publish(TopicArn=stack.outputs["MailTopicArn"], Message=message)


def deliver(stack, key, mail, received=None, changes=(), recipient=RECEIVING):
    """A mail arrives as it does through SES: into the bucket, then onto the topic."""
    received = received or now()
    store_mail(stack, key, mail, received, changes)
    notify(stack, key, received, recipient)


def rows(stack):
    """Every row of the table, texts and numbers as they are."""
    pages = stack.aws.client("dynamodb").get_paginator("scan").paginate(TableName=stack.outputs["TableName"])
    plain = lambda row: {name: next(iter(value.values())) for name, value in row.items()}
    return [plain(row) for page in pages for row in page["Items"]]


def buyers(stack, name=""):
    """Every row in the partition of a buyer (of this one), in order."""
    mine = [row for row in rows(stack) if row["pk"].startswith("BUYER#") and name in row["pk"]]
    return sorted(mine, key=lambda row: (row["pk"], row["sk"]))


def thread_of(stack, buyer, status=None):
    """The thread of a buyer, if he has one (in this status)."""
    threads = [row for row in buyers(stack, buyer) if row["sk"].startswith("THREAD#") and row["sk"] != "THREAD#~"]
    return next((thread for thread in threads if status in (None, thread["status"])), None)


def outbox_of(stack, buyer, state):
    """The outbox items of a buyer in this state."""
    items = [row for row in buyers(stack, buyer) if row["sk"].startswith("OUT#")]
    return [item for item in items if item["state"] == state]


def sent(stack, to=""):
    """What went out through SES (to this buyer), oldest first."""
    messages = stack.aws.get("/_ministack/ses/messages")["messages"]
    return [mail for mails in messages.values() for mail in mails if to in json.dumps(mail["To"])]


def fate(stack, mail, kind, **detail):
    """The event that SES publishes of a mail that went out; `detail` is the part that is named after the kind. Source: AWS,
    "Examples of event data that Amazon SES publishes to Amazon EventBridge"."""
    order = next(one for one in stack.aws.posted() if one["Destination"]["ToAddresses"] == mail["To"])
    at = now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    tags = {tag["Name"]: [tag["Value"]] for tag in order["EmailTags"]}
    about = {
        "timestamp": at,
        "source": mail["Source"],
        "messageId": mail["MessageId"],
        "destination": mail["To"],
        "headersTruncated": False,
        "tags": {**tags, "ses:configuration-set": [order["ConfigurationSetName"]]},
    }
    part = kind[0].lower() + kind[1:]
    return {
        "source": "aws.ses",
        "detail-type": f"Email {kind}",
        "region": REGION,
        "time": at,
        "detail": {"eventType": kind, "mail": about, part: {"timestamp": at, **detail}},
    }


def bounce(stack, mail):
    gone = [{"emailAddress": address} for address in mail["To"]]
    return fate(stack, mail, "Bounce", bounceType="Permanent", bounceSubType="General", bouncedRecipients=gone)


def tell(stack, told):
    """Publishes an event as SES does."""
    entry = {"Source": told["source"], "DetailType": told["detail-type"], "Detail": json.dumps(told["detail"])}
    answer = stack.aws.client("events").put_events(Entries=[{**entry, "EventBusName": "default"}])
    assert answer["FailedEntryCount"] == 0, answer


def depth(stack, queue):
    """How many messages a queue holds, those that are being worked on included."""
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
    """Takes what a queue holds out of it."""
    sqs = stack.aws.client("sqs")
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in messages]
