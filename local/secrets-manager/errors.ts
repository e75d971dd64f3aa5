/** An error response of Secrets Manager. */
export class ServiceError extends Error {
  /** AWS's name for it; the SDK throws the exception of that name. */
  readonly type: string;
  /** The HTTP status. */
  readonly status: number;

  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

/** No such secret, or no such version of it. */
export function resourceNotFound(message: string): ServiceError {
  return new ServiceError("ResourceNotFoundException", message);
}

/** A secret or version of that name exists already. */
export function resourceExists(message: string): ServiceError {
  return new ServiceError("ResourceExistsException", message);
}

/** A parameter that is never valid. */
export function invalidParameter(message: string): ServiceError {
  return new ServiceError("InvalidParameterException", message);
}

/** A parameter that is not valid in the secret's present state. */
export function invalidRequest(message: string): ServiceError {
  return new ServiceError("InvalidRequestException", message);
}

/** A parameter outside the lengths, ranges or characters of the service's model. */
export function validationError(message: string): ServiceError {
  return new ServiceError("ValidationException", message);
}

/** A body that is no JSON object, or a field of the wrong JSON type. */
export function serializationError(message: string): ServiceError {
  return new ServiceError("SerializationException", message);
}

/** An error of the server, not of the caller; the SDK retries such a request. */
export function internalServiceError(message: string): ServiceError {
  return new ServiceError("InternalServiceError", message, 500);
}

/** AWS's message for a ClientRequestToken that names an existing version with another value. */
export function tokenInUse(token: string, arn: string): string {
  return `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`;
}
