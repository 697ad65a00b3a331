/** Formats that several rooms read or write; knows nobody. */

export { MessageWriter, messageFields, messageNumbers } from "./protobuf";

export { type Chunks, matchesChecksum, openZip, readEntry, type Zip, type ZipEntry } from "./zip";
export { type NameDecoder, nameDecoder } from "./zipNames";
