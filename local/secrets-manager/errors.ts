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

/** A parameter that is never valid. */
export function invalidParameter(message: string): ServiceError {
  return new ServiceError("InvalidParameterException", message);
}

/** A parameter that is not valid in the secret's present state. */
export function invalidRequest(message: string): ServiceError {
  return new ServiceError("InvalidRequestException", message);
}

/** No such secret, or no such version of it. */
export function notFound(what: string): ServiceError {
  const message = `Secrets Manager can't find the specified secret${what}`;
  return new ServiceError("ResourceNotFoundException", message);
}

/** A ClientRequestToken that names a version with another value. */
export function tokenInUse(token: string, arn: string): ServiceError {
  const message = `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`;
  return new ServiceError("ResourceExistsException", message);
}
