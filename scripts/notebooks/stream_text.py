"""What a terminal would show of a stream of text."""

import re


class StreamText:
    """Text to which `\\r`, `\\b` and line erasure are applied as they come."""

    PIECES = re.compile(r"\r|\x08|\x1b\[[012]?K|(?:(?!\x1b\[[012]?K)[^\r\x08])+")

    def __init__(self):
        self.lines = []
        self.line = []  # characters of the line being written
        self.column = 0
        self.closed = 0  # characters in `lines`

    @property
    def size(self):
        return self.closed + len(self.line)

    def add(self, text):
        *complete, rest = text.split("\n")
        for part in complete:
            self.write(part)
            self.lines.append("".join(self.line))
            self.closed += len(self.line) + 1
            self.line, self.column = [], 0
        self.write(rest)

    def write(self, part):
        for piece in self.PIECES.findall(part):
            if piece == "\r":
                self.column = 0
            elif piece == "\x08":
                self.column = max(0, self.column - 1)
            elif piece[0] == "\x1b" and piece[-1] == "K" and len(piece) <= 4:
                if piece == "\x1b[2K":
                    self.line = [" "] * self.column
                elif piece != "\x1b[1K":
                    del self.line[self.column :]
            else:
                if len(self.line) < self.column:
                    self.line += " " * (self.column - len(self.line))
                self.line[self.column : self.column + len(piece)] = piece
                self.column += len(piece)

    def text(self):
        return "\n".join([*self.lines, "".join(self.line)])

    def last_line(self):
        return "".join(self.line).strip() or (self.lines[-1] if self.lines else "")
