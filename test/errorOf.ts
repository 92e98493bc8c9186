// Errors as text, "OptionError: call: what is wrong: values", so that a test compares class and message in one line.

/** What a call throws, or "nothing was thrown". */
export function errorOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return String(error);
  }
  return "nothing was thrown";
}

/** What a promise is rejected with, or "nothing was thrown". */
export async function rejectionOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => "nothing was thrown", String);
}
