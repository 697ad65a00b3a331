/** Makes the layers known to tfjs' (de)serialisation, under Keras' class names. */
import { registerClass } from "../tfjs";
import { ActivityRegularization } from "./activityRegularization";
import { adaptivePoolings } from "./adaptivePooling";
import { AdditiveAttention, Attention } from "./attention";
import { Bidirectional } from "./bidirectional";
import { Cropping1D, Cropping3D, ZeroPadding1D, ZeroPadding3D } from "./borders";
import { CategoryEncoding, Discretization } from "./categories";
import { GRUCell, LSTMCell, SimpleRNNCell } from "./cells";
import { ContrastLimitedAdaptiveHistogramEqualization } from "./clahe";
import { Dropout, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D } from "./dropout";
import { EinsumDense } from "./einsumDense";
import { globalPoolings } from "./globalPooling";
import { Conv1D, Conv2D, Conv3D } from "./groupedConv";
import { GroupNormalization } from "./groupNormalization";
import { GroupQueryAttention } from "./groupQueryAttention";
import { HashedCrossing, Hashing } from "./hashing";
import { IntegerLookup } from "./integerLookup";
import { LayerNormalization } from "./layerNormalization";
import { MelSpectrogram } from "./melSpectrogram";
import { CutMix, MixUp } from "./mixing";
import { MultiHeadAttention } from "./multiHeadAttention";
import { AlphaDropout, GaussianDropout, GaussianNoise } from "./noise";
import { Normalization } from "./normalization";
import { Pipeline } from "./pipeline";
import { AugMix, RandAugment } from "./randAugment";
import { RandomBrightness, RandomContrast } from "./randomColor";
import { RandomColorJitter } from "./randomColorJitter";
import { RandomCrop } from "./randomCrop";
import { RandomElasticTransform } from "./randomElasticTransform";
import { RandomErasing } from "./randomErasing";
import { RandomGaussianBlur, RandomSharpness } from "./randomFilters";
import { RandomFlip } from "./randomFlip";
import { RandomHue, RandomSaturation } from "./randomHue";
import { RandomPerspective } from "./randomPerspective";
import { RandomRotation } from "./randomRotation";
import { RandomColorDegeneration, RandomGrayscale, RandomInvert } from "./randomShades";
import { RandomShear } from "./randomShear";
import { RandomPosterization, Solarization } from "./randomTones";
import { RandomTranslation } from "./randomTranslation";
import { RandomZoom } from "./randomZoom";
import { ELU, Identity, ReLU } from "./rectifiers";
import { RNN } from "./recurrent";
import { ConvLSTM1D, ConvLSTM2D, ConvLSTM3D, GRU, LSTM, SimpleRNN } from "./recurrentLayers";
import { CenterCrop, Resizing } from "./resizing";
import { ReversibleEmbedding } from "./reversibleEmbedding";
import { RMSNormalization, UnitNormalization } from "./rootNormalizers";
import { DepthwiseConv1D, SeparableConv1D, SeparableConv2D } from "./separableConv";
import { AveragePooling1D, MaxPooling1D } from "./sequencePooling";
import { SpectralNormalization } from "./spectralNormalization";
import { StackedRNNCells } from "./stackedCells";
import { Subtract } from "./subtract";
import { AutoContrast, Equalization } from "./tones";
import { Conv1DTranspose, Conv2DTranspose, Conv3DTranspose } from "./transposedConv";
import { UpSampling1D, UpSampling2D, UpSampling3D } from "./upSampling";

const classes = [
  Dropout,
  SpatialDropout1D,
  SpatialDropout2D,
  GaussianNoise,
  GaussianDropout,
  AlphaDropout,
  RandomFlip,
  RandomRotation,
  RandomZoom,
  RandomTranslation,
  RandomContrast,
  RandomBrightness,
  RandomCrop,
  Resizing,
  CenterCrop,
  Normalization,
  Conv1D,
  Conv2D,
  Conv3D,
  AveragePooling1D,
  MaxPooling1D,
  ...globalPoolings,
  ReLU,
  ELU,
  Identity,
  Subtract,
  GroupNormalization,
  RMSNormalization,
  UnitNormalization,
  SpatialDropout3D,
  ZeroPadding1D,
  ZeroPadding3D,
  Cropping1D,
  Cropping3D,
  UpSampling1D,
  UpSampling2D,
  UpSampling3D,
  Conv1DTranspose,
  Conv2DTranspose,
  Conv3DTranspose,
  DepthwiseConv1D,
  SeparableConv1D,
  SeparableConv2D,
  EinsumDense,
  ReversibleEmbedding,
  MultiHeadAttention,
  GroupQueryAttention,
  Attention,
  AdditiveAttention,
  LayerNormalization,
  SpectralNormalization,
  SimpleRNNCell,
  LSTMCell,
  GRUCell,
  StackedRNNCells,
  RNN,
  SimpleRNN,
  LSTM,
  GRU,
  ConvLSTM1D,
  ConvLSTM2D,
  ConvLSTM3D,
  Bidirectional,
  AutoContrast,
  Equalization,
  ContrastLimitedAdaptiveHistogramEqualization,
  Solarization,
  RandomPosterization,
  RandomGrayscale,
  RandomInvert,
  RandomColorDegeneration,
  RandomHue,
  RandomSaturation,
  RandomColorJitter,
  RandomGaussianBlur,
  RandomSharpness,
  RandomErasing,
  RandomShear,
  RandomPerspective,
  RandomElasticTransform,
  MixUp,
  CutMix,
  RandAugment,
  AugMix,
  Pipeline,
  ...adaptivePoolings,
  ActivityRegularization,
  CategoryEncoding,
  Discretization,
  Hashing,
  HashedCrossing,
  IntegerLookup,
  MelSpectrogram,
];
let registered = false;

/**
 * Registers every layer of this room; called by each factory and by whatever loads models.
 *
 * Where tfjs has a layer of the same name, models that are loaded from now on get ours.
 */
export function registerLayers(): void {
  if (registered) return;
  registered = true;
  for (const layer of classes) registerClass(layer);
}
