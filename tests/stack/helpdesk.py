"""A helpdesk that calls, and people who ask the HTTP API. Calls are signed by the official library of Standard Webhooks."""

import json
import re
import urllib.error
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conftest import REGION
from inbox import now
from standardwebhooks.webhooks import Webhook


def local(stack, url):
    """Where the local AWS serves this address of API Gateway."""
    api, path = re.fullmatch(r"https://(\w+)\.execute-api\.[^/]+(/.*)?", url).groups()
    return f"{stack.aws.url}/_aws/execute-api/{api}/$default{path or ''}"


def post(url, body, headers):
    """Status and body of the answer."""
    request = urllib.request.Request(url, data=body.encode(), headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


def secrets(stack):
    """The secret that holds the helpdesks' secrets, as people filled it in."""
    got = stack.aws.client("secretsmanager").get_secret_value(SecretId=stack.outputs["WebhookSecretsArn"])
    return json.loads(got["SecretString"])


def event(kind, buyer, **data):
    """An event of our own about the newest thread of a buyer, happening now."""
    thread = {"buyer": f"{buyer}@marketplace.amazon.co.uk"}
    return json.dumps({"type": kind, "timestamp": now().isoformat(), "data": {"thread": thread, "by": "Mara Lind", **data}})


def call(stack, body, secret, delivery):
    """Signs a delivery and makes it; gives status and body of the answer."""
    at = now()
    signature = Webhook(secret).sign(delivery, at, body)
    headers = {
        "content-type": "application/json",
        "webhook-id": delivery,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }
    return post(local(stack, stack.outputs["WebhookUrl"] + "standard"), body, headers)


def screen(stack, draft, signed=True):
    """Asks the HTTP API about a draft; gives status and body."""
    url = local(stack, stack.outputs["ApiUrl"]) + "/screen"
    request = AWSRequest(method="POST", url=url, data=json.dumps(draft), headers={"content-type": "application/json"})
    if signed:
        SigV4Auth(Credentials("test", "test"), "execute-api", REGION).add_auth(request)
    return post(url, request.data, dict(request.headers))
