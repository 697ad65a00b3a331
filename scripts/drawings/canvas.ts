/** An SVG picture under construction. */

/** A colour: degrees, percent, percent. */
export type Hsl = readonly [hue: number, saturation: number, lightness: number];

/** A place between 0 and 1 along a gradient, its colour and opacity. */
export type Stop = readonly [offset: number, colour: string, opacity?: number];

/** The colour as SVG writes it. */
export function hsl([hue, saturation, lightness]: Hsl): string {
  const percent = (value: number) => `${Math.min(Math.max(value, 0), 100).toFixed(1)}%`;
  return `hsl(${Math.round((hue + 720) % 360)},${percent(saturation)},${percent(lightness)})`;
}

/** The colour made lighter (or darker, when negative) by so many percent. */
export function lighter([hue, saturation, lightness]: Hsl, percent: number): string {
  return hsl([hue, saturation, lightness + percent]);
}

/** Collects shapes from the back to the front, and the gradients they use. */
export class Canvas {
  private readonly definitions: string[] = [];
  private readonly shapes: string[] = [];
  private count = 0;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {}

  /** A name that no other part of the picture has. */
  id(): string {
    return `i${this.count++}`;
  }

  /** Adds ready SVG in front of what is there. */
  add(svg: string): void {
    this.shapes.push(svg);
  }

  /** A linear gradient between two points in fractions of the painted shape; gives its paint. */
  linear(stops: readonly Stop[], [x1, y1, x2, y2] = [0, 0, 0, 1]): string {
    const place = `x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"`;
    return this.define(
      (id) => `<linearGradient id="${id}" ${place}>${list(stops)}</linearGradient>`,
    );
  }

  /** A radial gradient around a point in fractions of the painted shape; gives its paint. */
  radial(stops: readonly Stop[], [cx, cy, r] = [0.5, 0.5, 0.5]): string {
    const place = `cx="${cx}" cy="${cy}" r="${r}"`;
    return this.define(
      (id) => `<radialGradient id="${id}" ${place}>${list(stops)}</radialGradient>`,
    );
  }

  rect(x: number, y: number, width: number, height: number, fill: string, more = ""): void {
    this.add(
      `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" fill="${fill}" ${more}/>`,
    );
  }

  ellipse(cx: number, cy: number, rx: number, ry: number, fill: string, more = ""): void {
    this.add(
      `<ellipse cx="${n(cx)}" cy="${n(cy)}" rx="${n(rx)}" ry="${n(ry)}" fill="${fill}" ${more}/>`,
    );
  }

  /** A closed shape through points given as x, y, x, y, … */
  polygon(points: readonly number[], fill: string, more = ""): void {
    this.add(`<polygon points="${points.map(n).join(" ")}" fill="${fill}" ${more}/>`);
  }

  /** An SVG path. */
  path(d: string, fill: string, more = ""): void {
    this.add(`<path d="${d}" fill="${fill}" ${more}/>`);
  }

  /** A smooth ridge from the left edge to the right one, filled down to the bottom. */
  ridge(heights: readonly number[], fill: string): void {
    const { width, height } = this;
    const step = width / (heights.length - 1);
    let d = `M0 ${n(heights[0]!)}`;
    for (let i = 1; i < heights.length; i++) {
      const middle = (i - 0.5) * step;
      d += ` C${n(middle)} ${n(heights[i - 1]!)} ${n(middle)} ${n(heights[i]!)} ${n(i * step)} ${n(heights[i]!)}`;
    }
    this.path(`${d} L${width} ${height} L0 ${height} Z`, fill);
  }

  /**
   * The whole picture.
   *
   * @param tilt Turns the camera by so many degrees; the picture is enlarged so that no corner shows.
   */
  toSvg(tilt = 0): string {
    const { width, height } = this;
    const radians = (Math.abs(tilt) * Math.PI) / 180;
    const stretch = Math.max(width / height, height / width);
    const zoom = Math.cos(radians) + stretch * Math.sin(radians);
    const camera = [
      `translate(${width / 2} ${height / 2})`,
      `rotate(${n(tilt)})`,
      `scale(${zoom.toFixed(4)})`,
      `translate(${-width / 2} ${-height / 2})`,
    ].join(" ");
    const names = `xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"`;
    return [
      `<svg ${names} width="${width}" height="${height}">`,
      `<defs>${this.definitions.join("")}</defs>`,
      `<g transform="${camera}">${this.shapes.join("")}</g></svg>`,
    ].join("");
  }

  private define(write: (id: string) => string): string {
    const id = this.id();
    this.definitions.push(write(id));
    return `url(#${id})`;
  }
}

function list(stops: readonly Stop[]): string {
  return stops
    .map(
      ([offset, colour, opacity = 1]) =>
        `<stop offset="${offset}" stop-color="${colour}" stop-opacity="${opacity}"/>`,
    )
    .join("");
}

/** A number in short. */
function n(value: number): string {
  return value.toFixed(1);
}
