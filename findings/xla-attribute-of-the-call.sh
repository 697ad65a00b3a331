#!/usr/bin/env bash
# tensorflow-cpu 2.21.0 (PyPI), Python 3.10 to 3.12.
#
# Expected: a function of a GraphDef with the attribute _XlaMustCompile, which tf.function(jit_compile=True) gives it,
#           is compiled by XLA wherever it is called.
# Seen:     the function's attribute alone does nothing: a StatefulPartitionedCall to it runs op by op, without a word.
#           What counts is the same attribute on the node that calls; Python copies it there. With it on the node alone,
#           the function is compiled.
# Output:   on the function alone      runs op by op
#           on the node alone          compiled
#           on both, as Python writes  compiled
# So:       who writes a GraphDef by hand sets it on the node, or measures TensorFlow's executor and thinks it is XLA.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0
cat >"$work/call.py" <<'PYTHON'
import tensorflow as tf

v1 = tf.compat.v1


def is_compiled(on_function, on_node):
    """Whether XLA takes the function; it has no kernel for AsString, which TensorFlow's executor has."""

    @tf.function(jit_compile=True, autograph=False)
    def function(x):
        return tf.cast(tf.strings.length(tf.strings.as_string(x)), tf.float32)

    with tf.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, [], name="x")
        function(x)
    definition = graph.as_graph_def()
    called = [node for node in definition.node if "PartitionedCall" in node.op]
    assert called and all("_XlaMustCompile" in part.attr for part in [*called, *definition.library.function])
    for parts, wanted in ((definition.library.function, on_function), (called, on_node)):
        for part in parts:
            if not wanted:
                del part.attr["_XlaMustCompile"]
    with tf.Graph().as_default(), v1.Session() as session:
        (result,) = tf.import_graph_def(definition, return_elements=[f"{called[0].name}:0"], name="")
        try:
            session.run(result, {"x:0": 2.0})
        except tf.errors.InvalidArgumentError as error:
            assert "unsupported operations" in str(error), error
            return True
        return False


seen = {}
for name, case in {
    "on the function alone": (True, False),
    "on the node alone": (False, True),
    "on both, as Python writes": (True, True),
}.items():
    seen[name] = is_compiled(*case)
    print(f"{name:26} {'compiled' if seen[name] else 'runs op by op'}")
assert list(seen.values()) == [False, True, True]
print("as described, TensorFlow", tf.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$work/venv/bin/python" "$work/call.py" 2>"$work/log" ||
  { tail -n 20 "$work/log"; exit 1; }
