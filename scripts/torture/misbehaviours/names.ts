/** Names that a server gives to its file. */

/** A `Content-Disposition`, and the name that the file must get; undefined where somebody's file has that name. */
export interface NamedFile {
  header: string;
  name: string | undefined;
}

/** A file that is there before, and must stay as it is. */
export const precious = "package.json";
/** A folder that is there before. */
export const folderName = "photos";

const long = "n".repeat(300);

export const names: readonly NamedFile[] = [
  { header: 'attachment; filename="data.zip"', name: "data.zip" },
  { header: `attachment; filename="${precious}"`, name: undefined },
  { header: `attachment; filename="../${precious}"`, name: undefined },
  { header: `attachment; filename*=UTF-8''${precious}`, name: undefined },
  { header: `attachment; filename="${folderName}"`, name: undefined },
  { header: 'attachment; filename="../../evil.zip"', name: "evil.zip" },
  { header: 'attachment; filename="/etc/evil.conf"', name: "evil.conf" },
  { header: 'attachment; filename="..\\\\..\\\\evil.dll"', name: "evil.dll" },
  { header: "attachment; filename*=UTF-8''..%2F..%2Fevil.so", name: "evil.so" },
  { header: 'attachment; filename=""', name: "download" },
  { header: 'attachment; filename="."', name: "download" },
  { header: 'attachment; filename=".."', name: "download" },
  { header: 'attachment; filename="/"', name: "download" },
  { header: "attachment; filename", name: "fallback.bin" },
  { header: "attachment", name: "fallback.bin" },
  { header: "inline; filename=plain.bin", name: "plain.bin" },
  { header: 'attachment; filename=".hidden"', name: "hidden" },
  { header: 'attachment; filename="a\tb.zip"', name: "a_b.zip" },
  { header: 'attachment; filename="a<b>:c?.zip"', name: "a_b__c_.zip" },
  { header: "attachment; filename*=UTF-8''%E2%80%AEgpj.exe", name: "_gpj.exe" },
  { header: "attachment; filename*=UTF-8''%EA%B3%A0%EC%96%91%EC%9D%B4.zip", name: "고양이.zip" },
  { header: "attachment; filename*=UTF-8''%FF%FE; filename=\"b.zip\"", name: "b.zip" },
  { header: "attachment; filename*=x-none''c.zip; filename=\"c2.zip\"", name: "c2.zip" },
  { header: `attachment; filename="${long}.zip"`, name: `${"n".repeat(236)}.zip` },
  { header: 'attachment; filename="one.zip"; filename="two.zip"', name: "one.zip" },
  { header: 'attachment; filename="open.zip', name: "open.zip" },
];
