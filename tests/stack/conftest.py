"""A local AWS with IAM enforced, and the stack on it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

import boto3
import pytest
from samcli.yamlhelper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "stack"
COMMAND = ROOT / "target" / "debug" / "within24"
REGION = "us-east-1"
STACK = "within24"
RECEIVING = "amazon@mail.lampen.example"
SENDING = RECEIVING  # as infra/docs/deploy.md advises
ALERTS = "mara@lampen.example"


def pytest_addoption(parser):
    parser.addoption("--keep", action="store_true", help="leave the local AWS and its stack running")


# What was measured, in order; printed at the end.
FIGURES = []


def figure(what, value):
    """Notes what was measured: "from a to b", "3 s"."""
    FIGURES.append(f"{what}: {value}")


def pytest_terminal_summary(terminalreporter):
    for line in FIGURES:
        terminalreporter.write_line(line)


def until(what, check, seconds=120, every=0.25):
    """What `check` gives as soon as it gives something; after so many seconds a failure that says what was waited for."""
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds} s in vain: {what}", pytrace=False)
        time.sleep(every)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """A failure is told with what the stack said last."""
    report = (yield).get_result()
    stack = item.funcargs.get("stack")
    if report.failed and stack:
        said = "\n".join(stack.aws.log.read_text().splitlines()[-15:])
        report.sections.append(("refused by IAM", json.dumps(stack.aws.refused()[-5:], indent=1)))
        report.sections.append(("the functions' logs", stack.last_words()))
        report.sections.append(("the local AWS's log", said))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@dataclass
class LocalAws:
    """The local AWS: how to reach it, what it refused, and what was handed in for sending."""

    port: int
    folder: Path

    @property
    def log(self):
        return self.folder / "aws.log"

    @property
    def denials(self):
        return self.folder / "denials.jsonl"

    @property
    def mails(self):
        return self.folder / "mails.jsonl"

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self):
        """What a command needs in order to talk to it."""
        return {
            **os.environ,
            "AWS_ENDPOINT_URL": self.url,
            "PATH": f"{WORK / 'run' / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_PAGER": "",
        }

    def client(self, service, key="test", secret="test"):
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, aws_access_key_id=key, aws_secret_access_key=secret
        )

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)

    def refused(self):
        """What IAM refused."""
        return [json.loads(line) for line in self.denials.read_text().splitlines()]

    def posted(self):
        """The orders by which mails were handed in at SES, without the mail itself."""
        return [json.loads(line) for line in self.mails.read_text().splitlines()]


def run(command, environment, seconds=300, cwd=ROOT, typed=""):
    """Runs a command and types what it asks for; gives what it printed, fails with all of it if it fails."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        text=True,
        input=typed,
        timeout=seconds,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode != 0:
        words = command if isinstance(command, str) else " ".join(command)
        pytest.fail(f"{words}\nended with {done.returncode}:\n{done.stdout[-6000:]}", pytrace=False)
    return done.stdout


@pytest.fixture(scope="session")
def aws(request):
    """A local AWS of its own for this session, on a free port; ended with all its functions."""
    port = free_port()
    folder = WORK / "run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    local = LocalAws(port, folder)
    local.denials.touch()
    local.mails.touch()
    # The AWS CLI takes an old name of SQS for its address unless it is told on the command line.
    cli = folder / "bin" / "aws"
    cli.parent.mkdir()
    cli.write_text(f'#!/bin/sh\nexec "{WORK}/tools/bin/aws" --endpoint-url "{local.url}" "$@"\n')
    cli.chmod(0o755)
    # `cargo within24` is the command that is built already; cargo would wait for whatever else it builds meanwhile.
    cargo = folder / "bin" / "cargo"
    cargo.write_text(f'#!/bin/sh\n[ "$1" = within24 ] && shift && exec "{COMMAND}" "$@"\nexec "{shutil.which("cargo")}" "$@"\n')
    cargo.chmod(0o755)
    environment = {
        **local.environment,
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "AUTH": "true",
        "DENIALS": str(local.denials),
        "MAILS": str(local.mails),
        "TMPDIR": str(folder),
        "S3_DATA_DIR": str(folder / "s3"),
        "LOG_LEVEL": "INFO",
    }
    # The functions are this process's children: one group, so that all of them end.
    with local.log.open("w") as log:
        process = subprocess.Popen(
            [WORK / "aws" / "bin" / "python", Path(__file__).parent / "local_aws.py"],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def healthy():
        if process.poll() is not None:
            pytest.fail(f"the local AWS ended with {process.returncode}:\n{local.log.read_text()[-4000:]}", pytrace=False)
        try:
            return local.get("/_ministack/health")
        except OSError:
            return None

    try:
        until("the local AWS answers", healthy, seconds=60)
        yield local
    finally:
        if request.config.getoption("--keep"):
            print(f"\nAWS_ENDPOINT_URL={local.url} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test; end it: kill {process.pid}")
        else:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


# What the local AWS cannot do like AWS, or need not. It has no receipt rules: the tests store the mail and notify, as SES
# would; nor has its identity the DKIM records that the stack gives out.
HERE = {
    "ReceiveThroughSes": "no",
    "CreateIdentity": "no",
    "ProtectTable": "false",
    "Architecture": os.uname().machine.replace("aarch64", "arm64"),
}


@dataclass
class Stack:
    """The deployed stack."""

    aws: LocalAws
    outputs: dict = field(default_factory=dict)
    functions: list = field(default_factory=list)

    def deploy(self, **parameters):
        """Deploys what `sam build` made with these parameters, whatever was given before."""
        parameters = {"ReceivingAddress": RECEIVING, "SendingAddress": SENDING, "AlertEmail": ALERTS, **HERE, **parameters}
        overrides = [f"{name}={value}" for name, value in parameters.items()]
        command = ["sam", "deploy", "--stack-name", STACK, "--no-confirm-changeset", "--resolve-s3"]
        with self.told():
            run([*command, "--parameter-overrides", *overrides], self.aws.environment)

    @contextmanager
    def told(self):
        """Around a deployment: what failed in it is told, and what came of it is read."""
        try:
            yield
        except pytest.fail.Exception as failure:
            events = self.aws.client("cloudformation").describe_stack_events(StackName=STACK)["StackEvents"]
            why = [f"{e['LogicalResourceId']}: {e.get('ResourceStatusReason')}" for e in events if "FAILED" in e["ResourceStatus"]]
            pytest.fail(f"{failure}\n" + "\n".join(why), pytrace=False)
        cloudformation = self.aws.client("cloudformation")
        described = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        self.outputs = {one["OutputKey"]: one["OutputValue"] for one in described["Outputs"]}
        made = cloudformation.list_stack_resources(StackName=STACK)["StackResourceSummaries"]
        self.functions = [one["PhysicalResourceId"] for one in made if one["ResourceType"] == "AWS::Lambda::Function"]

    def lines(self, function):
        """The lines of a function's log, oldest first."""
        pages = self.aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
        return [event["message"].strip() for page in pages for event in page["events"]]

    def logs(self, function):
        """The log lines of a function that are JSON."""
        lines = []
        for line in self.lines(f"{STACK}-{function}"):
            try:
                lines.append(json.loads(line))
            except ValueError:
                pass
        return lines

    def schedule_now(self, name):
        """What a schedule of the stack does, done once at once: its target, by its role, from a schedule of one time."""
        scheduler = self.aws.client("scheduler")
        schedule = scheduler.get_schedule(GroupName=STACK, Name=name)
        scheduler.create_schedule(
            GroupName=STACK,
            Name=f"{name}-now",
            ScheduleExpression=f"at({datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%S})",
            ActionAfterCompletion="DELETE",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target=schedule["Target"],
        )
        return schedule

    def last_words(self):
        """The last lines of every function's log."""
        return "\n".join(f"{name}: {line}" for name in self.functions for line in self.lines(name)[-8:])

    @contextmanager
    def cut_off(self, function, service):
        """A function that cannot reach a service: calls to it end at a port where nobody listens."""
        functions, name = self.aws.client("lambda"), f"{STACK}-{function}"
        settings = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        broken = {**settings, f"AWS_ENDPOINT_URL_{service}": "http://127.0.0.1:9"}
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": broken})
        try:
            yield
        finally:
            functions.update_function_configuration(FunctionName=name, Environment={"Variables": settings})


@pytest.fixture(scope="session")
def stack(aws):
    """The stack as a newcomer deploys it: by the handbook, with three answers and the rest as it comes."""
    from handbook import commands, follow

    aws.client("sesv2").create_email_identity(EmailIdentity=SENDING.split("@")[1])
    stack = Stack(aws)
    build, deploy = commands("1. Build and deploy")
    if HERE["Architecture"] != "arm64":
        # As the handbook says for a local stack on such a machine.
        build = f"{build.rstrip()} --parameter-overrides Architecture={HERE['Architecture']}"
    started = time.monotonic()
    follow(stack, build, seconds=3600)
    figure("sam build", f"{time.monotonic() - started:.0f} s")
    template = yaml_parse((ROOT / "target" / "sam" / "template.yaml").read_text())
    answers = {"ReceivingAddress": RECEIVING, "SendingAddress": SENDING, "AlertEmail": ALERTS, **HERE}
    # Stack and region as they are offered; the parameters; changes shown, roles made, rollback; not saved; deployed.
    typed = ["", "", *(answers.get(name, "") for name in template["Parameters"]), "", "", "", "n", "y"]
    stack.deployed_at = time.monotonic()
    with stack.told():
        follow(stack, deploy, typed="\n".join([*typed, ""]))
    figure("sam deploy", f"{time.monotonic() - stack.deployed_at:.0f} s")
    return stack
