/** Files of the library's own with bytes changed, cut off, added and moved: what is read is right, or an error. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Dice } from "./dice";
import { backup } from "./kept/backup";
import { dataSubjects } from "./kept/data";
import type { Subject } from "./kept/subject";
import { faultOfError, outcomeOf } from "./outcome";
import type { Section } from "./section";

const subjects: readonly Subject[] = [...dataSubjects, backup];

/** Files that the long form damages for each point of a subject's share. */
const FILES = 5000 / subjects.reduce((sum, { share }) => sum + share, 0);

/** One way to damage bytes. */
type Mutation = (bytes: Buffer, dice: Dice) => Buffer;

const damages: Readonly<Record<string, Mutation>> = {
  "a flipped bit": (bytes, dice) => {
    bytes[dice.below(bytes.length)]! ^= 1 << dice.below(8);
    return bytes;
  },
  "another byte": (bytes, dice) => {
    bytes[dice.below(bytes.length)]! ^= 1 + dice.below(255);
    return bytes;
  },
  "a cut": (bytes, dice) => bytes.subarray(0, dice.below(bytes.length)),
  zeros: (bytes, dice) => {
    const start = dice.below(bytes.length);
    return bytes.fill(0, start, Math.min(bytes.length, start + 1 + dice.below(64)));
  },
  "bytes that moved": (bytes, dice) => {
    const [from, to] = [dice.below(bytes.length), dice.below(bytes.length)];
    bytes.copyWithin(to, from, from + 1 + dice.below(32));
    return bytes;
  },
  "bytes too many": (bytes, dice) => {
    const at = dice.below(bytes.length + 1);
    const more = dice.bytes(1 + dice.below(16));
    return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
  },
  "bytes too few": (bytes, dice) => {
    const at = dice.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + dice.below(16))]);
  },
};

/** A subject's files at a place that stays the same, as caches look at paths, with a copy to mend them from. */
class Patient {
  readonly folder: string;
  private readonly copy: string;
  private files: readonly string[] = [];
  private expected = "";

  constructor(private readonly subject: Subject) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "torture-"));
    this.copy = `${this.folder}.copy`;
  }

  async make(): Promise<void> {
    this.files = await this.subject.make(this.folder);
    fs.cpSync(this.folder, this.copy, { recursive: true, preserveTimestamps: true });
    this.expected = await this.subject.read(this.folder);
  }

  /** Damages one file and reads. */
  async suffer(dice: Dice): Promise<{ refused: boolean; fault: string | undefined }> {
    const { folder, subject, expected } = this;
    fs.rmSync(folder, { recursive: true });
    fs.cpSync(this.copy, folder, { recursive: true, preserveTimestamps: true });
    const name = dice.one(this.files);
    const damage = dice.one(Object.keys(damages));
    const file = path.join(folder, name);
    fs.writeFileSync(file, damages[damage]!(fs.readFileSync(file), dice));
    const found = await outcomeOf(subject.read(folder));
    const refused = "error" in found;
    const isRight = subject.isRight ?? ((text, wanted) => text === wanted);
    const fault = refused
      ? faultOfError(found.error, [folder])
      : isRight(found.value, expected)
        ? undefined
        : "something else is read";
    return { refused, fault: fault && `${damage} in ${path.basename(name)}: ${fault}` };
  }

  close(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
    fs.rmSync(this.copy, { recursive: true, force: true });
  }
}

export const section: Section = {
  name: "kept",
  summary: "caches, backups and archives with damaged bytes",
  async run({ seed, scale, say }) {
    const faults: string[] = [];
    let tried = 0;
    for (const subject of subjects) {
      const count = Math.max(10, Math.round(FILES * subject.share * scale));
      const dice = new Dice(seed);
      const patient = new Patient(subject);
      let refusals = 0;
      try {
        await patient.make();
        for (let turn = 0; turn < count; turn++) {
          const { refused, fault } = await patient.suffer(dice);
          tried++;
          if (refused) refusals++;
          if (fault !== undefined) faults.push(`${subject.name} (${turn}): ${fault}`);
        }
      } finally {
        patient.close();
      }
      say(`${subject.name}: ${count} damaged, ${refusals} refused, the others right or made anew`);
    }
    return { tried, faults };
  },
};
