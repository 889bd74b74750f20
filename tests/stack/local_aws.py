"""MiniStack, with what the suite needs besides.

What is changed in the pinned version (requirements-aws.txt), in memory:

- the condition keys `dynamodb:LeadingKeys` and `ses:FromAddress`, and for a mail the identity and configuration set that
  SES weighs: without them the conditions of the template would be taken as met, or never be; in a transaction each action is
  weighed with the keys of its own items;
- what a template calls a secret by `Ref` is its ARN, not its name;
- plain HTTP on this machine counts as TLS, which the policies of bucket and queues ask for;
- the tests may publish events of AWS: those that SES would, of mails that went out;
- every order to send a mail is written to the file that MAILS names, as a line of JSON without the mail;
- every refusal by IAM is written to the file that DENIALS names, as a line of JSON: a refusal is a failure of the suite.
"""

import contextvars
import functools
import json
import os
import re

import ministack.app as app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import eventbridge, secretsmanager
from ministack.services.cloudformation import provisioners

DENIALS = os.environ["DENIALS"]
MAILS = os.environ["MAILS"]
PARTITION_KEYS = ("pk", "due_pk", "fact_pk")
EACH = "keys of each action"


def note(name, line):
    """Adds a line of JSON to a file."""
    with open(name, "a", encoding="utf-8") as file:
        file.write(json.dumps(line, default=str) + "\n")


def partition_keys(request):
    """The partition keys that a DynamoDB request names."""
    keyed = [request.get("Key"), request.get("Item")]
    for table in (request.get("RequestItems") or {}).values():
        keyed += table.get("Keys", []) if isinstance(table, dict) else []
    for part in request.get("TransactItems") or []:
        for action in part.values():
            keyed += [action.get("Key"), action.get("Item")]
    found = [item["pk"]["S"] for item in keyed if item]
    condition = request.get("KeyConditionExpression") or ""
    match = re.match(r"\s*(\w+)\s*=\s*(:\w+)", condition)
    if match and match.group(1) in PARTITION_KEYS:
        found.append(request["ExpressionAttributeValues"][match.group(2)]["S"])
    return found


iam_evaluator._request_origin = contextvars.ContextVar("origin", default=("127.0.0.1", True))
app.pin_request_origin = lambda address, _secure: iam_evaluator.pin_request_origin(address, True)

service_context = iam_actions.dynamodb_service_context


def with_leading_keys(body):
    request = json.loads(body or b"{}")
    keys = partition_keys(request)
    context = {**service_context(body), **({"dynamodb:LeadingKeys": keys} if keys else {})}
    if parts := request.get("TransactItems"):
        # Each action of a transaction is weighed with the keys of its own items.
        context[EACH] = {}
        for part in parts:
            [kind] = part
            context[EACH].setdefault(f"dynamodb:{kind}Item", []).extend(partition_keys({"TransactItems": [part]}))
    return context


iam_actions.dynamodb_service_context = with_leading_keys

enforce = iam_evaluator.enforce


def enforce_and_tell(access_key, action, service, region, **rest):
    if EACH in (rest.get("service_context") or {}):
        context = dict(rest["service_context"])
        each = context.pop(EACH)
        rest["service_context"] = {**context, **({"dynamodb:LeadingKeys": each[action]} if action in each else {})}
    denied = enforce(access_key, action, service, region, **rest)
    if denied is not None:
        line = {
            "action": action,
            "resource": rest.get("resource_arn", "*"),
            "principal": getattr(denied, "principal_arn", ""),
            "context": rest.get("service_context") or {},
        }
        note(DENIALS, line)
    return denied


iam_evaluator.enforce = enforce_and_tell

enforce_ses_v2 = app._enforce_ses_v2


def enforce_mail(method, path, headers, body, query, request_id):
    """SES weighs the identity of the From address and the configuration set, for a raw mail under a second action."""
    if (method, path) != ("POST", "/v2/email/outbound-emails"):
        return enforce_ses_v2(method, path, headers, body, query, request_id)
    mail = json.loads(body)
    sender = mail["FromEmailAddress"]
    region = app.extract_region(headers, query)
    account = get_account_id()
    resources = [f"identity/{sender.split('@')[1]}"]
    if mail.get("ConfigurationSetName"):
        resources.append(f"configuration-set/{mail['ConfigurationSetName']}")
    actions = ["ses:SendEmail"] + (["ses:SendRawEmail"] if "Raw" in mail["Content"] else [])
    for action in actions:
        for resource in resources:
            refused = app._enforce_data_plane(
                "sesv2",
                action,
                headers,
                query,
                request_id,
                resource_arn=f"arn:aws:ses:{region}:{account}:{resource}",
                service_context={"ses:FromAddress": sender},
            )
            if refused:
                return refused
    note(MAILS, {name: value for name, value in mail.items() if name != "Content"})
    return None


app._enforce_ses_v2 = enforce_mail
eventbridge._put_events = functools.partial(eventbridge._put_events, allow_aws_source=True)

secret = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
make_secret, change_secret, remove_secret = secret["create"], secret["update"], secret["delete"]


def by_arn(made):
    """The attributes of a secret that was made or changed, under its ARN."""
    attributes = made[1]
    return attributes["Arn"], attributes


def name_of(arn):
    return secretsmanager._resolve(arn)[0] or arn


secret["create"] = lambda *rest: by_arn(make_secret(*rest))
secret["update"] = lambda arn, *rest, **named: by_arn(change_secret(name_of(arn), *rest, **named))
secret["delete"] = lambda arn, *rest, **named: remove_secret(name_of(arn), *rest, **named)

if __name__ == "__main__":
    app.main()
