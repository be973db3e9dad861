// The picture of a run in the README, from what a terminal really showed:
//   script -q -c "stty cols 96; npx clitron train gh" run.typescript
//   node scripts/draw-run.ts run.typescript --at "tokens/s" --title "npx clitron train gh" > docs/images/run.svg
// --at: the last screen that showed this text; without it, the last screen.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { at: { type: 'string' }, title: { type: 'string', default: 'npx clitron train gh' } } })

interface Piece {
  text: string
  style: string
}

/** What Clitron's live screen uses of a terminal: lines, moving up, clearing, colours. Gives every screen that was drawn. */
function screens(recording: string): Piece[][][] {
  const found: Piece[][][] = []
  let lines: Piece[][] = [[]]
  let row = 0
  let style = ''
  // `script` frames the recording with a line at the top and at the bottom.
  const body = recording.replace(/^Script started.*\n/, '').replace(/\r?\nScript done[^]*$/, '').replaceAll('\r', '')
  for (const [part] of body.matchAll(/\x1b\[[0-9;?]*[A-Za-z]|\n|[^\x1b\n]+/g)) {
    if (part === '\n') {
      row += 1
      lines[row] ??= []
    } else if (part.startsWith('\x1b')) {
      const count = Number(part.slice(2, -1)) || 0
      if (part.endsWith('A')) {
        found.push(structuredClone(lines))
        row = Math.max(0, row - count)
      } else if (part.endsWith('K')) lines[row] = []
      else if (part.endsWith('J')) lines = [...lines.slice(0, row), []]
      else if (part.endsWith('m')) style = { 0: '', 1: 'bold', 2: 'dim', 22: '', 31: 'red', 32: 'green', 33: 'yellow', 39: '' }[count] ?? style
    } else lines[row]!.push({ text: part.replaceAll('\x07', ''), style })
  }
  found.push(lines)
  return found
}

const recorded = screens(readFileSync(positionals[0]!, 'utf8'))
const text = (screen: Piece[][]) => screen.map((line) => line.map((piece) => piece.text).join('')).join('\n')
const screen = values.at === undefined ? recorded.at(-1)! : recorded.findLast((each) => text(each).includes(values.at!))
if (!screen) throw new Error(`No screen of the recording showed ${JSON.stringify(values.at)}.`)

const shown: Piece[][] = [[{ text: '$ ', style: 'dim' }, { text: values.title, style: 'bold' }], ...screen]
while (shown.at(-1)!.every((piece) => piece.text.trim() === '')) shown.pop()
const [lineHeight, letter, margin, bar] = [20, 8.43, 20, 34]
const columns = Math.max(60, ...shown.map((line) => line.reduce((sum, piece) => sum + piece.text.length, 0)))
const [width, height] = [Math.ceil(columns * letter) + 2 * margin, shown.length * lineHeight + bar + margin]
const escape = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(values.title).replaceAll('"', '&quot;')} in a terminal">
<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d7dde4;white-space:pre}.bold{font-weight:700;fill:#fff}.dim{fill:#8a96a3}.green{fill:#5fd38d}.yellow{fill:#f2c55c}.red{fill:#ff7b72}</style>
<rect width="${width}" height="${height}" rx="9" fill="#161b22"/>
<circle cx="20" cy="18" r="5.5" fill="#ff5f57"/><circle cx="38" cy="18" r="5.5" fill="#febc2e"/><circle cx="56" cy="18" r="5.5" fill="#28c840"/>
${shown.map((line, i) => `<text x="${margin}" y="${bar + (i + 0.8) * lineHeight}" xml:space="preserve">${line.map(({ text, style }) => `<tspan${style && ` class="${style}"`}>${escape(text)}</tspan>`).join('')}</text>`).join('\n')}
</svg>
`)
