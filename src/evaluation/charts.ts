import { percent } from './format.ts'
import type { Interval } from './intervals.ts'
import { html, type Markup } from './markup.ts'

/*
 * Small pictures as inline SVG. Colours are classes of page-style.ts, so that they follow the reader's light or dark mode.
 * Plots are drawn 360 wide, so that their letters are still letters on a phone.
 */

const short = (value: number) => Number(value.toFixed(2))

/** A rate as a bar with its 95% interval; stretches with its column. */
export function rateBar(rate: number, interval?: Interval, tone = 'main'): Markup {
  return html`<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
<rect class="track" width="100" height="12" rx="0"/><rect class="fill ${tone}" width="${short(100 * rate)}" height="12"/>${interval && html`<rect class="whisker" x="${short(100 * interval[0])}" y="5.25" width="${short(100 * (interval[1] - interval[0]))}" height="1.5"/><rect class="whisker" x="${short(100 * interval[0])}" y="3" width="0.5" height="6"/><rect class="whisker" x="${short(Math.min(99.5, 100 * interval[1]))}" y="3" width="0.5" height="6"/>`}
</svg>`
}

/** Parts of a whole in one bar; `share` 0 to 1. */
export function stackedBar(parts: readonly { share: number; tone: string }[]): Markup {
  let x = 0
  return html`<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="12"/>${parts.map(({ share, tone }) => {
    const part = html`<rect class="fill ${tone}" x="${short(x)}" width="${short(100 * share)}" height="12"/>`
    x += 100 * share
    return part
  })}</svg>`
}

export interface Series {
  label: string
  tone: string
  points: readonly (readonly [x: number, y: number])[]
  /** Draw the points themselves as well. */
  dots?: boolean
}

interface PlotOptions {
  title: string
  x: { label: string; from?: number; to?: number; format?: (value: number) => string }
  y: { label: string; from?: number; to?: number; format?: (value: number) => string }
  /** A dashed line for comparison. */
  guide?: readonly [readonly [number, number], readonly [number, number]]
  under?: Markup
}

const box = { width: 360, height: 236, left: 52, right: 18, top: 14, bottom: 40 }

/** Lines over two axes. */
export function plot(series: readonly Series[], options: PlotOptions): Markup {
  const points = series.flatMap((one) => one.points)
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]!)) as [number[], number[]]
  const xTicks = ticks(options.x.from ?? Math.min(...xs), options.x.to ?? Math.max(...xs), 5)
  const yTicks = ticks(options.y.from ?? 0, options.y.to ?? Math.max(...ys), 5)
  const [x0, x1] = [options.x.from ?? Math.min(...xs), options.x.to ?? Math.max(...xs)]
  const [y0, y1] = [Math.min(options.y.from ?? 0, yTicks[0]!), Math.max(options.y.to ?? 0, yTicks.at(-1)!)]
  const atX = (x: number) => short(box.left + ((x - x0) / (x1 - x0 || 1)) * (box.width - box.left - box.right))
  const atY = (y: number) => short(box.height - box.bottom - ((y - y0) / (y1 - y0 || 1)) * (box.height - box.top - box.bottom))
  const formatX = options.x.format ?? plain
  const formatY = options.y.format ?? plain
  return html`<figure><figcaption>${options.title}${series.length > 1 && html`<span class="legend">${series.map(({ label, tone }) => html`<span class="pair"><i class="key ${tone}"></i>${label}</span> `)}</span>`}</figcaption>
<svg class="plot" viewBox="0 0 ${box.width} ${box.height}" role="img" aria-label="${options.title}">
${yTicks.map((y) => html`<line class="grid" x1="${box.left}" x2="${box.width - box.right}" y1="${atY(y)}" y2="${atY(y)}"/><text x="${box.left - 6}" y="${atY(y) + 4}" text-anchor="end">${formatY(y)}</text>`)}
${xTicks.filter((x) => x >= x0 && x <= x1).map((x) => html`<text x="${atX(x)}" y="${box.height - box.bottom + 16}" text-anchor="middle">${formatX(x)}</text>`)}
<text class="axis" x="${(box.left + box.width - box.right) / 2}" y="${box.height - 6}" text-anchor="middle">${options.x.label}</text>
<text class="axis" transform="rotate(-90)" x="${-(box.top + box.height - box.bottom) / 2}" y="12" text-anchor="middle">${options.y.label}</text>
${options.guide && html`<line class="guide" x1="${atX(options.guide[0][0])}" y1="${atY(options.guide[0][1])}" x2="${atX(options.guide[1][0])}" y2="${atY(options.guide[1][1])}"/>`}
${options.under}
${series.map(({ points: of, tone, dots }) => html`<polyline class="line ${tone}" points="${of.map(([x, y]) => `${atX(x)},${atY(y)}`).join(' ')}"/>${dots && of.map(([x, y]) => html`<circle class="dot ${tone}" cx="${atX(x)}" cy="${atY(y)}" r="3.2"/>`)}`)}
</svg></figure>`
}

/** Mean confidence against share of right answers; on the diagonal, 80% sure is right 8 times of 10. Larger dots hold more rows. */
export function reliabilityDiagram(bins: readonly { count: number; confidence: number; accuracy: number }[]): Markup {
  const total = bins.reduce((sum, { count }) => sum + count, 0)
  const atX = (x: number) => short(box.left + x * (box.width - box.left - box.right))
  const atY = (y: number) => short(box.height - box.bottom - y * (box.height - box.top - box.bottom))
  return plot([{ label: 'answers', tone: 'main faint', points: bins.map(({ confidence, accuracy }) => [confidence, accuracy]) }], {
    title: 'Is 80% sure right 8 times of 10?',
    x: { label: 'confidence', from: 0, to: 1, format: (x) => percent(x, 0) },
    y: { label: 'right', from: 0, to: 1, format: (y) => percent(y, 0) },
    guide: [[0, 0], [1, 1]],
    under: html`${bins.map(({ count, confidence, accuracy }) => html`<circle class="dot main" cx="${atX(confidence)}" cy="${atY(accuracy)}" r="${short(2.5 + 9 * Math.sqrt(count / Math.max(1, total)))}"/>`)}`,
  })
}

const plain = (value: number) => (Math.abs(value) >= 1000 ? `${Number((value / 1000).toFixed(1))}k` : String(Number(value.toPrecision(3))))

/** Round numbers that cover from … to. */
function ticks(from: number, to: number, about: number): number[] {
  const span = to - from || 1
  const rough = span / (about - 1)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999)!
  const result: number[] = []
  for (let value = Math.floor(from / step + 1e-9) * step; value < to + step * 0.999; value += step) {
    result.push(Number(value.toPrecision(12)))
    if (value >= to - 1e-9) break
  }
  return result
}
