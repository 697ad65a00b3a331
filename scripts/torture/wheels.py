"""Makes small wheels for a set-up that is tried: `wheels.py FOLDER FILES`.

TensorFlow is one of FILES small files here, with its own RECORD in the middle, as pip may lay it down early.
"""

import base64
import hashlib
import sys
import zipfile
from pathlib import Path

folder, count = Path(sys.argv[1]), int(sys.argv[2])


def wheel(name, version, files):
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n"
    tag = "Wheel-Version: 1.0\nGenerator: torture\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    members = dict(files) | {f"{info}/METADATA": metadata, f"{info}/WHEEL": tag}
    record = f"{info}/RECORD"
    lines = []
    for path, text in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(text.encode())}")
    members[record] = "\n".join([*lines, f"{record},,"]) + "\n"
    first = [f"{info}/METADATA", f"{info}/WHEEL", record]
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path in [*first, *(path for path in members if path not in first)]:
            archive.writestr(path, members[path])


folder.mkdir(parents=True, exist_ok=True)
wheel(
    "tensorflow_cpu",
    "2.21.0",
    {f"tensorflow/part{i // 50}/file{i}.txt": f"{i} " * 200 for i in range(count)},
)
wheel("keras", "3.15.1", {f"keras/file{i}.txt": f"{i} " * 50 for i in range(count // 4)})
wheel("numpy", "2.4.0", {f"numpy/file{i}.txt": f"{i} " * 50 for i in range(count // 4)})
