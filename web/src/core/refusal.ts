/** Why something that was asked of the server did not happen. */
import type { ErrorBody, ErrorCode } from "../protocol/generated";

/** The server said no. */
export class Refused extends Error {
  constructor(readonly body: ErrorBody) {
    super(body.message);
  }

  get code(): ErrorCode {
    return this.body.code;
  }
}

/** No answer came: it may have happened or not. */
export class Unanswered extends Error {
  constructor() {
    super("The server does not answer.");
  }
}
