/** Numbers as Python writes them: `repr`, and the formats of `"{:08.3f}".format(value)`. */

/** Python has two kinds of numbers, and each its formats. */
export type NumberKind = "int" | "float";

/** The parts of a format: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`. */
const SPEC =
  /^(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d{1,3})?([,_])?(?:\.(\d{1,3}))?([a-zA-Z%])?$/su;

const BASES: Readonly<Record<string, number>> = { b: 2, o: 8, x: 16, X: 16 };

/** A format that was read. */
interface Format {
  fill: string;
  align: string;
  sign: string;
  /** Minus zero loses its sign. */
  coerced: boolean;
  /** `#`: a point always stays, and so do a base's prefix and zeros at the end. */
  alternate: boolean;
  width: number;
  grouping: string;
  precision: number | undefined;
  type: string;
}

/**
 * Reads a format of Python's mini-language.
 *
 * @param spec What stands behind the colon: `.2f`, `+08.3f`, `>6`, `.1%`; widths and precisions up to 999.
 * @returns What writes a number so; undefined where Python has no such format for that kind of number.
 * @see https://docs.python.org/3/library/string.html#format-specification-mini-language
 */
export function numberFormat(
  spec: string,
  kind: NumberKind,
): ((value: number) => string) | undefined {
  const match = SPEC.exec(spec);
  if (match === null) return undefined;
  const [, fill, align, sign = "-", z, alternate, zero, width, grouping = "", precision] = match;
  const padsWithZeros = zero !== undefined && fill === undefined;
  const format: Format = {
    fill: fill ?? (padsWithZeros ? "0" : " "),
    align: align ?? (padsWithZeros ? "=" : ">"),
    sign,
    coerced: z !== undefined,
    alternate: alternate !== undefined,
    width: Number(width ?? 0),
    grouping,
    precision: precision === undefined ? undefined : Number(precision),
    type: match[10] ?? (kind === "int" ? "d" : ""),
  };
  if (!isAllowed(format, kind)) return undefined;
  if (format.type === "n" && kind === "int") format.type = "d";
  return (value) => written(value, format);
}

function isAllowed({ type, precision, grouping, coerced }: Format, kind: NumberKind): boolean {
  if (type === "n" && grouping !== "") return false;
  if (type === "" || "eEfFgG%".includes(type)) return true;
  if (type === "n") return kind === "float" || (precision === undefined && !coerced);
  if (kind === "float" || precision !== undefined || coerced) return false;
  return type === "d" || (type in BASES && grouping !== ",");
}

function written(value: number, format: Format): string {
  const { fill, align, width, type, coerced } = format;
  const text = unsigned(Math.abs(value), format);
  const isNegative = value < 0 || Object.is(value, -0);
  const isMinus = isNegative && !(coerced && /^[0.]+(e.*|%)?$/i.test(text));
  const prefix = format.alternate && type in BASES ? `0${type}` : "";
  const head = (isMinus ? "-" : format.sign.replace("-", "")) + prefix;
  const [digits = ""] = (type in BASES ? /^.*$/ : /^\d*/).exec(text) ?? [];
  const rest = text.slice(digits.length);
  let whole = grouped(digits, format);
  const room = width - head.length - rest.length;
  if (fill === "0" && align === "=" && digits !== "") {
    for (let more = 1; whole.length < room; more++) {
      whole = grouped("0".repeat(more) + digits, format);
    }
  }
  return padded(head, whole + rest, format);
}

function padded(head: string, body: string, { fill, align, width }: Format): string {
  const missing = Math.max(0, width - head.length - body.length);
  if (align === "=") return head + fill.repeat(missing) + body;
  const before = align === ">" ? missing : align === "^" ? Math.floor(missing / 2) : 0;
  return fill.repeat(before) + head + body + fill.repeat(missing - before);
}

function grouped(digits: string, { grouping, type }: Format): string {
  if (grouping === "") return digits;
  const size = type in BASES ? 4 : 3;
  const first = digits.length % size;
  const groups = digits.slice(first).match(new RegExp(`.{${size}}`, "g")) ?? [];
  return [...(first > 0 ? [digits.slice(0, first)] : []), ...groups].join(grouping);
}

function unsigned(value: number, format: Format): string {
  const { type, precision, alternate } = format;
  if (type === "%") return `${unsigned(value * 100, { ...format, type: "f" })}%`;
  const lower = type.toLowerCase();
  if (!Number.isFinite(value)) return cased(Number.isNaN(value) ? "nan" : "inf", type);
  if (type === "d") return String(value);
  if (type in BASES) return cased(value.toString(BASES[type]), type);
  let text: string;
  if (lower === "f") text = pointed(fixed(value, precision ?? 6), alternate);
  else if (lower === "e") text = pointed(scientific(value, precision ?? 6), alternate);
  else if (type === "" && precision === undefined) text = pointed(reprOf(value), alternate);
  else text = general(value, precision ?? 6, { alternate, isBare: type === "" });
  return cased(text, type);
}

const cased = (text: string, type: string) => (/[EFGX]/.test(type) ? text.toUpperCase() : text);

/** With a point, where one is to stay. */
function pointed(text: string, alternate: boolean): string {
  return alternate && !text.includes(".") ? text.replace(/^\d+/, "$&.") : text;
}

/** So many figures; a float without a type shows that it is one. */
function general(
  value: number,
  precision: number,
  { alternate, isBare }: { alternate: boolean; isBare: boolean },
): string {
  const figures = Math.max(1, precision);
  const [mantissa = "", power = ""] = scientific(value, figures - 1).split("e");
  const exponent = Number(power);
  const trimmed = (text: string) =>
    alternate ? pointed(text, true) : text.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
  if (exponent < -4 || exponent >= figures - (isBare ? 1 : 0))
    return `${trimmed(mantissa)}e${power}`;
  const text = trimmed(fixed(value, figures - 1 - exponent));
  return isBare && !text.includes(".") ? `${text}.0` : text;
}

/** `0.625` with two decimals is `0.62`: the exact value counts, and what lies in the middle goes to the even digit. */
export function toFixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return reprOf(value);
  return (value < 0 || Object.is(value, -0) ? "-" : "") + fixed(Math.abs(value), decimals);
}

/** `1.5e-05`, rounded as `toFixed` does. */
export function toExponential(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return reprOf(value);
  return (value < 0 || Object.is(value, -0) ? "-" : "") + scientific(Math.abs(value), decimals);
}

/** A float's shortest text that gives the same float: `1.0`, `1e-05`, `nan`. */
export function reprOf(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) return withTwoDigits(value.toExponential());
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** JavaScript writes `1e-5`, Python `1e-05`. */
const withTwoDigits = (text: string) => text.replace(/e([+-])(\d)$/, "e$10$2");

function fixed(value: number, decimals: number): string {
  const digits = String(scaled(value, decimals)).padStart(decimals + 1, "0");
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

function scientific(value: number, decimals: number): string {
  let exponent = value === 0 ? 0 : Number(value.toExponential().split("e")[1]);
  let digits = "0".repeat(decimals + 1);
  if (value !== 0) {
    // JavaScript's exponent is that of a rounded text, which may be one off.
    for (;;) {
      digits = String(scaled(value, decimals - exponent));
      if (digits.length === decimals + 1) break;
      exponent += digits.length > decimals + 1 ? 1 : -1;
    }
  }
  const mantissa = decimals === 0 ? digits : `${digits[0]}.${digits.slice(1)}`;
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${power}`;
}

/** `value` × 10^`decimals` as a whole number: exact, and then rounded half to even. */
function scaled(value: number, decimals: number): bigint {
  const bits = new BigUint64Array(Float64Array.of(value).buffer)[0]!;
  const power = Number(bits >> 52n);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const exponent = (power === 0 ? 1 : power) - 1075;
  let above = power === 0 ? fraction : fraction | (1n << 52n);
  let below = 1n;
  if (exponent >= 0) above <<= BigInt(exponent);
  else below <<= BigInt(-exponent);
  if (decimals >= 0) above *= 10n ** BigInt(decimals);
  else below *= 10n ** BigInt(-decimals);
  const quotient = above / below;
  const twice = 2n * (above % below);
  return twice > below || (twice === below && quotient % 2n === 1n) ? quotient + 1n : quotient;
}
