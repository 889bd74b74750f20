//! Start-up: the time from process start to the first request for work, of each function beside two references: an empty
//! `lambda_runtime` function, and one with the bare SDK clients. Fails where a function's median is more than
//! [`LIMIT`] times that of the bare SDK clients it uses, with the HTTPS client they need to make a call.
//!
//! `cargo bench -p within24-tests --bench start_up [-- --runs 30 --profile release]`
//!
//! To measure sooner, `cargo bench --profile quick -p within24-tests --bench start_up -- --profile quick`.
//!
//! It measures processes on this machine, from warm files: not the download and the start of Lambda's sandbox, which go
//! with the size of the zipped binary.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark is a command")]

use std::collections::HashMap;
use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use miniz_oxide::deflate::compress_to_vec;

/// How many times the bare SDK clients' median a function's may be.
const LIMIT: f64 = 1.5;
/// Runs of each binary that are not counted.
const WARM_UP: usize = 5;
/// After this long a function is taken not to start at all.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a function asks the runtime API first.
const NEXT: &str = "GET /2018-06-01/runtime/invocation/next ";

/// One row of the table: how to start a function and what to compare it with.
struct Subject {
    label: &'static str,
    binary: &'static str,
    arguments: &'static [&'static str],
    /// The label of the reference that limits this one; `None` for the references themselves.
    limited_by: Option<&'static str>,
}

impl Subject {
    const fn reference(label: &'static str, binary: &'static str, arguments: &'static [&'static str]) -> Self {
        Self {
            label,
            binary,
            arguments,
            limited_by: None,
        }
    }

    /// A function of ours, and what it is held to.
    const fn function(name: &'static str, reference: &'static str) -> Self {
        Self {
            label: name,
            binary: name,
            arguments: &[],
            limited_by: Some(reference),
        }
    }
}

const WITH_S3: &str = "bare SDK, DynamoDB + S3";
const WITH_SES: &str = "bare SDK, DynamoDB + SES";
/// The same with an HTTPS client, without which no call can be made: what the functions are held to.
const HTTPS_S3: &str = "  the same, with HTTPS (S3)";
/// As above: for those that use S3 not at all, or one more service besides.
const HTTPS_SES: &str = "  the same, with HTTPS (SES)";

const SUBJECTS: &[Subject] = &[
    Subject::reference("empty", "empty_function", &[]),
    Subject::reference(WITH_S3, "bare_sdk_function", &["s3"]),
    Subject::reference(WITH_SES, "bare_sdk_function", &["ses"]),
    Subject::reference(HTTPS_S3, "bare_sdk_function", &["s3", "https"]),
    Subject::reference(HTTPS_SES, "bare_sdk_function", &["ses", "https"]),
    Subject::function("apply-webhook", HTTPS_S3),
    Subject::function("call-webhook", HTTPS_SES),
    Subject::function("erase-buyer", HTTPS_S3),
    Subject::function("helpdesk-webhook", HTTPS_S3),
    Subject::function("receive-mail", HTTPS_S3),
    Subject::function("request-order-id", HTTPS_SES),
    Subject::function("roll-up-metrics", HTTPS_SES),
    // It has no SDK client: the bare function bounds it from above.
    Subject::function("screen-reply", HTTPS_SES),
    Subject::function("send-reply", HTTPS_SES),
    Subject::function("serve-api", HTTPS_S3),
    Subject::function("sweep-sla", HTTPS_SES),
    Subject::function("track-delivery", HTTPS_SES),
];

/// The folder of the functions: none is left out.
const FUNCTIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../functions");

/// What Lambda and the template set, the same for every binary; nothing else of this machine is handed on.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("AWS_LAMBDA_FUNCTION_NAME", "start-up"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/start-up"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "start-up"),
    ("AWS_REGION", "eu-west-1"),
    ("AWS_DEFAULT_REGION", "eu-west-1"),
    ("AWS_ACCESS_KEY_ID", "not-a-key"),
    ("AWS_SECRET_ACCESS_KEY", "not-a-secret"),
    ("AWS_SESSION_TOKEN", "not-a-token"),
    ("TABLE_NAME", "start-up"),
    ("MAIL_BUCKET", "start-up"),
    ("EVENT_BUS_NAME", "start-up"),
    ("ALERT_TOPIC_ARN", "arn:aws:sns:eu-west-1:000000000000:start-up"),
    (
        "OUTGOING_QUEUE_URL",
        "https://sqs.eu-west-1.amazonaws.com/000000000000/start-up",
    ),
    (
        "WEBHOOK_QUEUE_URL",
        "https://sqs.eu-west-1.amazonaws.com/000000000000/start-up",
    ),
    ("WEBHOOK_SECRETS", "start-up"),
];

/// What the command line asks for.
struct Options {
    runs: usize,
    profile: String,
}

impl Options {
    /// Reads the arguments; `None` if cargo runs this as a test (`--all-targets`), where there is nothing to measure.
    fn from_arguments(arguments: impl Iterator<Item = String>) -> Result<Option<Self>> {
        let mut options = Self {
            runs: 30,
            profile: "release".to_owned(),
        };
        let mut bench = false;
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--bench" => bench = true,
                "--runs" => options.runs = value()?.parse().context("--runs takes a number")?,
                "--profile" => options.profile = value()?,
                _ => bail!("unknown argument {argument}; there are --runs and --profile"),
            }
        }
        ensure!(options.runs > 0, "--runs must be at least 1");
        Ok(bench.then_some(options))
    }
}

fn main() -> ExitCode {
    match measure() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("start_up: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Builds, measures and prints; says whether every function kept within its limit.
fn measure() -> Result<bool> {
    let Some(options) = Options::from_arguments(std::env::args().skip(1))? else {
        return Ok(true);
    };
    let functions = functions()?;
    let selection: Vec<&str> = functions.iter().flat_map(|name| ["-p", name]).collect();
    // Two builds, so that what the references ask of a dependency is not built into the functions.
    let mut binaries = build(&options.profile, &selection)?;
    let references = [
        "-p",
        "within24-tests",
        "--example",
        "empty_function",
        "--example",
        "bare_sdk_function",
    ];
    binaries.extend(build(&options.profile, &references)?);

    let runtime = Runtime::start()?;
    let mut times = vec![Vec::with_capacity(options.runs); SUBJECTS.len()];
    // Interleaved, so that what else this machine does meets all of them.
    for round in 0..WARM_UP + options.runs {
        for (subject, times) in SUBJECTS.iter().zip(&mut times) {
            let binary = binaries
                .get(subject.binary)
                .with_context(|| format!("cargo did not name {}", subject.binary))?;
            let time = runtime.time(binary, subject.arguments).with_context(|| subject.label)?;
            if round >= WARM_UP {
                times.push(time);
            }
        }
    }
    print(&times, &binaries)
}

/// The functions that there are, each of which has a row.
fn functions() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for folder in std::fs::read_dir(FUNCTIONS).context(FUNCTIONS)? {
        let name = folder?.file_name().to_string_lossy().into_owned();
        ensure!(
            SUBJECTS.iter().any(|subject| subject.label == name),
            "{name} is not measured: give it a row"
        );
        names.push(name);
    }
    Ok(names)
}

/// Builds with `--profile` and these selections, and gives the executables by name.
fn build(profile: &str, selection: &[&str]) -> Result<HashMap<String, PathBuf>> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args([
            "build",
            "--profile",
            profile,
            "--message-format",
            "json-render-diagnostics",
        ])
        .args(selection);
    // What cargo sets for this process would make the build scripts that look at it run again.
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        {
            cargo.env_remove(name);
        }
    }
    let output = cargo.stderr(Stdio::inherit()).output().context("starting cargo")?;
    ensure!(output.status.success(), "cargo build: {}", output.status);
    let messages = String::from_utf8(output.stdout).context("what cargo said")?;
    let built = messages.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let name = message["target"]["name"].as_str()?.to_owned();
        Some((name, PathBuf::from(message["executable"].as_str()?)))
    });
    Ok(built.collect())
}

/// As much of the Lambda runtime API as a function's first request needs: it is noted and never answered.
struct Runtime {
    address: SocketAddr,
    requests: Receiver<(Instant, String, TcpStream)>,
}

impl Runtime {
    /// Listens on a free port.
    fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (sender, requests) = mpsc::channel();
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let Some(line) = request_line(&mut stream) else {
                    continue;
                };
                // The stream goes along, so that the connection stays open until the process is gone.
                if sender.send((Instant::now(), line, stream)).is_err() {
                    break;
                }
            }
        });
        Ok(Self { address, requests })
    }

    /// Starts this binary, waits for its first request, ends it, and gives the time between.
    fn time(&self, binary: &Path, arguments: &[&str]) -> Result<Duration> {
        // Whatever an earlier process sent late.
        while self.requests.try_recv().is_ok() {}
        let mut command = Command::new(binary);
        command.args(arguments).env_clear().envs(ENVIRONMENT.iter().copied());
        command.env("AWS_LAMBDA_RUNTIME_API", self.address.to_string());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let started = Instant::now();
        let mut process = command.spawn().context("starting it")?;
        let request = self.first_request(&mut process, started);
        process.kill().ok();
        let output = process.wait_with_output()?;
        let (arrived, line, _stream) =
            request.with_context(|| String::from_utf8_lossy(&output.stderr).trim().to_owned())?;
        ensure!(line.starts_with(NEXT), "asked for {line:?} first");
        Ok(arrived - started)
    }

    /// The first request, unless the process ends or takes too long.
    fn first_request(&self, process: &mut Child, started: Instant) -> Result<(Instant, String, TcpStream)> {
        loop {
            match self.requests.recv_timeout(Duration::from_millis(200)) {
                Ok(request) => return Ok(request),
                Err(RecvTimeoutError::Disconnected) => bail!("the runtime API is gone"),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Some(status) = process.try_wait()? {
                bail!("ended before it asked for work: {status}");
            }
            ensure!(started.elapsed() < PATIENCE, "did not ask for work within {PATIENCE:?}");
        }
    }
}

/// The first line of a request, read to the end of its head.
fn request_line(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut chunk = [0; 4096];
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return None,
            Ok(length) => head.extend_from_slice(&chunk[..length]),
        }
    }
    String::from_utf8_lossy(&head).lines().next().map(str::to_owned)
}

/// Prints the table; says whether every function kept within its limit.
fn print(times: &[Vec<Duration>], binaries: &HashMap<String, PathBuf>) -> Result<bool> {
    let medians: HashMap<&str, f64> = SUBJECTS
        .iter()
        .zip(times)
        .map(|(subject, times)| (subject.label, spread(times)[1]))
        .collect();
    let mut kept = true;
    println!(
        "{:<28}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}",
        "ms to the first request", "min", "median", "max", "ratio", "MB", "zipped"
    );
    for (subject, times) in SUBJECTS.iter().zip(times) {
        let [least, median, most] = spread(times);
        let binary = std::fs::read(&binaries[subject.binary])?;
        let size = megabytes(binary.len());
        let zipped = megabytes(compress_to_vec(&binary, 6).len());
        let ratio = subject.limited_by.map(|reference| median / medians[reference]);
        let (shown, mark) = match ratio {
            Some(ratio) if ratio > LIMIT => (format!("{ratio:.2}"), "  over the limit"),
            Some(ratio) => (format!("{ratio:.2}"), ""),
            None => ("-".to_owned(), ""),
        };
        kept &= mark.is_empty();
        println!(
            "{:<28}{least:>8.1}{median:>8.1}{most:>8.1}{shown:>8}{size:>8.1}{zipped:>8.1}{mark}",
            subject.label
        );
    }
    println!("ratio: to the bare SDK clients the function uses; at most {LIMIT}");
    Ok(kept)
}

/// Minimum, median and maximum in milliseconds.
fn spread(times: &[Duration]) -> [f64; 3] {
    let mut sorted: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1000.0).collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let median = if sorted.len().is_multiple_of(2) {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    } else {
        sorted[middle]
    };
    [sorted[0], median, sorted[sorted.len() - 1]]
}

#[expect(clippy::cast_precision_loss, reason = "a binary has far fewer bytes than 2^52")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
