//! What AWS answers instead of success, sorted by the one question of whoever called: may the same call succeed later?

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::ports::PortError;

/// Codes that no later attempt mends: a person must first change rights, settings or code. Any other may succeed later.
///
/// A code means the same at every service. SNS and SQS leave out `Exception` (the query protocol); DynamoDB names some of them
/// as reasons of a cancelled transaction.
///
/// Source: "Common errors" and the errors of each action that a port uses, in the API references of the services.
const PERMANENT: &[&str] = &[
    // Rights.
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "InvalidSecurity",
    "NotAuthorized",
    "OptInRequired",
    // What is named is not there.
    "AWS.SimpleQueueService.NonExistentQueue",
    "InvalidAddress",
    "NoSuchBucket",
    "NotFound",
    "QueueDoesNotExist",
    "ResourceNotFound",
    "ResourceNotFoundException",
    "UnknownEndpoint",
    // The request is not valid.
    "AWS.SimpleQueueService.UnsupportedOperation",
    "InvalidAction",
    "InvalidMessageContents",
    "InvalidParameter",
    "InvalidParameterException",
    "InvalidParameterValue",
    "InvalidRequestException",
    "ItemCollectionSizeLimitExceeded",
    "ItemCollectionSizeLimitExceededException",
    "MissingParameter",
    "ParameterValueInvalid",
    "SerializationException",
    "UnknownOperationException",
    "ValidationError",
    "ValidationException",
    // The key that encrypts it.
    "DecryptionFailure",
    "KMS.AccessDeniedException",
    "KMS.DisabledException",
    "KMS.InvalidKeyUsageException",
    "KMS.InvalidStateException",
    "KMS.NotFoundException",
    "KMS.OptInRequired",
    "KMSAccessDenied",
    "KMSDisabled",
    "KMSInvalidState",
    "KMSNotFound",
    "KMSOptInRequired",
];

/// What the answer of this service means for the port. Only codes are kept: messages may quote what was sent.
pub(super) fn port_error<E>(service: &'static str, error: &SdkError<E, HttpResponse>) -> PortError
where
    E: ProvideErrorMetadata,
{
    match error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            match answer.err().code() {
                Some(code) => by_code(service, code),
                None if status == 403 => permanent(service, "AccessDenied"),
                None => unavailable(service, format!("HTTP {status}")),
            }
        }
        SdkError::ConstructionFailure(_) => permanent(service, "construction"),
        SdkError::TimeoutError(_) => unavailable(service, "timeout"),
        SdkError::DispatchFailure(_) => unavailable(service, "dispatch"),
        _ => unavailable(service, "response"),
    }
}

/// What an error code of this service means.
pub(super) fn by_code(service: &'static str, code: &str) -> PortError {
    if PERMANENT.contains(&code) {
        permanent(service, code)
    } else {
        unavailable(service, code)
    }
}

/// No later attempt mends it.
pub(super) fn permanent(service: &'static str, code: impl Into<String>) -> PortError {
    PortError::Broken {
        service,
        code: code.into(),
    }
}

/// It may succeed later.
pub(super) fn unavailable(service: &'static str, code: impl Into<String>) -> PortError {
    PortError::Unavailable {
        service,
        code: code.into(),
    }
}
