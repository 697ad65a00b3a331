"""Gradients of gradients by TensorFlow's nested tapes: `secondDerivatives.py FOLDER`; JSON by name."""

import json
import os
import sys

import keras
import numpy as np
import tensorflow as tf
from keras import layers

folder = sys.argv[1]
out = {}


def wave(shape, start):
    return np.sin(start + 1.7 * np.arange(np.prod(shape))).astype("float32").reshape(shape)


points = tf.constant(wave((3, 5), 0.3))
kernel = tf.constant(wave((5, 4), 1.1))
activations = {
    "relu": tf.nn.relu,
    "relu6": tf.nn.relu6,
    "leakyRelu": tf.nn.leaky_relu,
    "elu": tf.nn.elu,
    "selu": tf.nn.selu,
    "sigmoid": tf.sigmoid,
    "tanh": tf.tanh,
    "softplus": tf.nn.softplus,
    "exp": tf.exp,
    "softmax": tf.nn.softmax,
    "logSoftmax": tf.nn.log_softmax,
}
for name, activation in activations.items():
    with tf.GradientTape() as outer:
        outer.watch(kernel)
        with tf.GradientTape() as inner:
            inner.watch(points)
            total = tf.reduce_sum(tf.square(activation(tf.matmul(points, kernel))))
        penalty = tf.reduce_sum(tf.square(inner.gradient(total, points)))
    out[name] = outer.gradient(penalty, kernel).numpy().tolist()

critics = {
    "convolutions": [
        keras.Input((10, 10, 2)),
        layers.Conv2D(4, 3, strides=2, padding="same"),
        layers.LeakyReLU(negative_slope=0.2),
        layers.SeparableConv2D(4, 3, padding="same", activation="elu"),
        layers.AveragePooling2D(2),
        layers.Flatten(),
        layers.Dense(1),
    ],
    "poolings": [
        keras.Input((10, 10, 2)),
        layers.Conv2D(3, 3, activation="tanh"),
        layers.MaxPooling2D(2),
        layers.DepthwiseConv2D(2, activation="sigmoid"),
        layers.MaxPooling2D(2, strides=1, padding="same"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(6, activation="softplus"),
        layers.Dense(1),
    ],
    "classes": [
        keras.Input((10, 10, 2)),
        layers.Conv2D(4, 3, activation="selu"),
        layers.Flatten(),
        layers.Dense(3),
    ],
}
critics["volumes"] = [
    keras.Input((10, 10, 2)),
    layers.Reshape((5, 5, 4, 2)),
    layers.Conv3D(3, 2, activation="tanh"),
    layers.MaxPooling3D((2, 2, 1)),
    layers.MaxPooling3D(2, strides=1, padding="same"),
    layers.AveragePooling3D((1, 1, 3)),
    layers.Flatten(),
    layers.Dense(1),
]
critics["enlarged"] = [
    keras.Input((10, 10, 2)),
    layers.UpSampling2D(2),
    layers.Conv2D(3, 3, activation="tanh"),
    layers.EinsumDense("abcd,de->abce", output_shape=(18, 18, 2)),
    layers.GlobalAveragePooling2D(),
    layers.Dense(1),
]


def attentive():
    inputs = keras.Input((10, 10, 2))
    x = layers.Reshape((10, 20))(inputs)
    x = layers.GlobalAveragePooling1D()(layers.MultiHeadAttention(2, 4)(x, x))
    return keras.Model(inputs, layers.Dense(1)(x))


critics["attentive"] = None
pictures = tf.constant(wave((4, 10, 10, 2), 0.7))
for name, parts in critics.items():
    keras.utils.set_random_seed(3)
    critic = keras.Sequential(parts) if parts else attentive()
    critic.save(os.path.join(folder, f"{name}.keras"))
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(pictures)
            scores = critic(pictures, training=True)
            if name == "classes":
                scores = keras.losses.sparse_categorical_crossentropy(tf.constant([0, 1, 2, 1]), scores, from_logits=True)
            total = tf.reduce_sum(scores)
        slopes = tf.reduce_sum(tf.square(inner.gradient(total, pictures)), axis=[1, 2, 3])
        penalty = tf.reduce_mean(tf.square(tf.sqrt(slopes) - 1))
    gradients = outer.gradient(penalty, critic.trainable_variables)
    out[name] = [penalty.numpy().tolist()] + [
        np.zeros(v.shape).tolist() if g is None else g.numpy().tolist()
        for v, g in zip(critic.trainable_variables, gradients)
    ]

# TensorFlow 2.21 itself is wrong here: tf.nn.moments holds the mean fixed in its variance. So: differences, in float64.
pictures = tf.constant(wave((4, 10, 10, 2), 0.7), "float64")
for name, normalize in [("batch", layers.BatchNormalization), ("layer", layers.LayerNormalization)]:
    keras.utils.set_random_seed(3)
    single, critic = (
        keras.Sequential(
            [
                keras.Input((10, 10, 2), dtype=dtype),
                layers.Conv2D(4, 3, activation="tanh", dtype=dtype),
                normalize(dtype=dtype),
                layers.Flatten(),
                layers.Dense(3, dtype=dtype),
            ]
        )
        for dtype in ("float32", "float64")
    )
    critic.set_weights([weight.astype("float64") for weight in single.get_weights()])
    single.save(os.path.join(folder, f"{name}.keras"))

    def penalty():
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            total = tf.reduce_sum(critic(pictures, training=True))
        slopes = tf.reduce_sum(tf.square(tape.gradient(total, pictures)), axis=[1, 2, 3])
        return tf.reduce_mean(tf.square(tf.sqrt(slopes) - 1)).numpy()

    out[name] = [float(penalty())]
    for variable in critic.trainable_variables[:2]:
        at = variable.numpy()
        gradient = np.zeros(at.size)
        for i in range(at.size):
            ends = []
            for step in (1e-5, -1e-5):
                moved = at.copy()
                moved.flat[i] += step
                variable.assign(moved)
                ends.append(penalty())
            variable.assign(at)
            gradient[i] = (ends[0] - ends[1]) / 2e-5
        out[name].append(gradient.tolist())
print(json.dumps(out))
