/** What the library writes into outputs, in the languages of the editions. */
import type { Language } from "./languages";

type Rules = readonly (readonly [english: RegExp, words: string])[];

/** Texts of figures and pictures, and lines that are printed; the first rules go first. */
export const libraryWords: Readonly<Record<Language, { figures: Rules; printed: Rules }>> = {
  ko: {
    figures: [
      [/\bTraining history\b/g, "훈련 과정"],
      [/\bConfusion matrix, accuracy ([\d.]+) %/g, "혼동 행렬, 정확도 $1%"],
      [/\bshare of the true class\b/g, "실제 클래스에서 차지하는 비율"],
      [/\bpredicted class\b/g, "예측한 클래스"],
      [/\btrue class\b/g, "실제 클래스"],
      [/\btrue (%\{y\}), predicted (%\{x\})/g, "실제 $1, 예측 $2"],
      [/%\{text\} images\b/g, "그림 %{text}장"],
      [/\bbest: (%\{y:\.4g\}) at epoch (%\{x\})/g, "에포크 $2에서 가장 좋음: $1"],
      [/\bbest (\S+) at epoch (\d+)/g, "에포크 $2에서 가장 좋음: $1"],
      [/\bbest epoch\b/g, "가장 좋은 에포크"],
      [/\b(\d+) points from (\S+) to (\S+)/g, "점 $1개, $2에서 $3까지"],
      [/\btraining\b/g, "훈련"],
      [/\bvalidation\b/g, "검증"],
      [/\bepoch\b/g, "에포크"],
      [/\baccuracy\b/g, "정확도"],
      [/\bloss\b/g, "손실"],
      [/^Figure$/gm, "그래프"],
    ],
    printed: [
      [
        /^Cats and dogs: drawings \(source is "drawn"\)\.$/gm,
        '고양이와 개: 그린 그림(source가 "drawn"입니다).',
      ],
    ],
  },
};

/** Applies rules one after the other. */
export function applyRules(text: string, rules: Rules): string {
  return rules.reduce((result, [english, words]) => result.replace(english, words), text);
}
