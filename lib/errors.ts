/**
 * One way to refuse bad input.
 *
 * Every message has the same three parts: which argument, what is allowed, and what was received.
 */

import path from "node:path";
import { inspect } from "node:util";

/** Base class of every error this library throws on purpose. */
export class ConvnetsError extends Error {
  /** What the reader can do about it, in one sentence; shown under the message in a notebook. */
  readonly hint: string | undefined;

  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint;
  }

  /** What a notebook cell or `console.log` prints: what is wrong and what to do, without frames of libraries. */
  [inspect.custom](): string {
    const lines = [`${this.name}: ${this.message}`];
    if (this.hint !== undefined) lines.push(this.hint);
    if (this.cause !== undefined) lines.push(`Cause: ${describeValue(this.cause)}`);
    return [...lines, ...callerFrames(this.stack)].join("\n");
  }
}

/** The frames of a stack that lie in the reader's own files and cells. */
function callerFrames(stack = ""): string[] {
  const foreign = [
    __dirname + path.sep,
    `${path.sep}node_modules${path.sep}`,
    `${path.sep}scripts${path.sep}kernel${path.sep}`,
    "node:",
    "(<anonymous>)",
  ];
  return stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line) && !foreign.some((part) => line.includes(part)));
}

/** An argument outside what a function accepts. */
export class InvalidArgumentError extends ConvnetsError {}

/** Something of the environment is missing or broken: a native library, a file of set-up, a device. */
export class EnvironmentError extends ConvnetsError {}

/**
 * Builds the error for a refused argument: `` `imageSize` must be two positive integers. Received: imageSize=[180] ``.
 *
 * @param argument Name of the argument as the caller wrote it, for example `"imageSize"`.
 * @param options.expected What is allowed, completing the words "must be".
 * @param options.received The refused value; printed as short JSON.
 * @param options.hint What to do about it.
 */
export function invalidArgument(
  argument: string,
  options: { expected: string; received: unknown; hint?: string },
): InvalidArgumentError {
  const { expected, received, hint } = options;
  return new InvalidArgumentError(
    `\`${argument}\` must be ${expected}. Received: ${argument}=${describeValue(received)}`,
    { hint },
  );
}

/** A value in at most about 120 characters, for error messages. Tensors show dtype and shape, not numbers. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "undefined";
  if (typeof value === "function") return `[function ${value.name || "anonymous"}]`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number" || typeof value === "symbol") return String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (isTensorLike(value)) return `Tensor(${value.dtype}, [${value.shape.join(", ")}])`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value.byteLength} bytes)`;
  let text: string | undefined;
  try {
    text = JSON.stringify(value, numbersAsTheyAre)?.replace(/"@(NaN|-?Infinity)"/g, "$1");
    text ??= String(value);
  } catch {
    text = String(value);
  }
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** JSON has null for NaN and infinity; they are marked, so that the marks can be taken off the text. */
function numbersAsTheyAre(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? `@${value}` : value;
}

function isTensorLike(value: unknown): value is { dtype: string; shape: number[] } {
  return (
    typeof value === "object" &&
    value !== null &&
    "dtype" in value &&
    "shape" in value &&
    Array.isArray(value.shape)
  );
}
