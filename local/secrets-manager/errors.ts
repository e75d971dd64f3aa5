/** An error response of Secrets Manager. */
export class ServiceError extends Error {
  /** AWS's name for it; the SDK throws the exception of that name. */
  readonly type: string;
  readonly status: number;

  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

const ofType = (type: string) => (message: string) => new ServiceError(type, message);

/** Of a parameter that is never valid. */
export const invalidParameter = ofType("InvalidParameterException");
/** Of one that is not valid in the secret's present state. */
export const invalidRequest = ofType("InvalidRequestException");
export const resourceExists = ofType("ResourceExistsException");
export const serializationError = ofType("SerializationException");
export const unknownOperation = ofType("UnknownOperationException");

/** No such secret, or no such version of it. */
export function notFound(what: string): ServiceError {
  const message = `Secrets Manager can't find the specified secret${what}`;
  return new ServiceError("ResourceNotFoundException", message);
}

/** A parameter outside the lengths, ranges or characters of the service's model. */
export function validationError(found: string): ServiceError {
  const message = `1 validation error detected: ${found} failed to satisfy the service's model`;
  return new ServiceError("ValidationException", message);
}
