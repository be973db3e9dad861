import type { Cut, Piece } from './cut.ts'
import { sentences } from './sentences.ts'

/** A heading and the lines under it. */
interface Block { heading: string; lines: { text: string; line: number }[] }

/** Markdown: sections by `#` headings, passages by sentences and list items; fenced code is an example. */
export function markdownSections(text: string): Cut[] {
  const blocks: Block[] = [{ heading: '', lines: [] }]
  let fenced = false
  text.split('\n').forEach((line, i) => {
    if (/^\s*(```|~~~)/.test(line)) fenced = !fenced
    const heading = fenced ? undefined : /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1]
    if (heading !== undefined) blocks.push({ heading, lines: [] })
    else blocks.at(-1)!.lines.push({ text: line, line: i + 1 })
  })
  return cuts(blocks)
}

/** Plain notes: a short line that stands alone and ends with no sign is a heading. */
export function textSections(text: string): Cut[] {
  const lines = text.split('\n')
  const blank = (i: number) => (lines[i] ?? '').trim() === ''
  const isHeading = (i: number) => !blank(i) && blank(i - 1) && (blank(i + 1) || /^[=-]{3,}$/.test(lines[i + 1]!)) && lines[i]!.length <= 80 && /^\p{L}/u.test(lines[i]!) && !/[.,;:!?]$/.test(lines[i]!.trim())
  const blocks: Block[] = [{ heading: '', lines: [] }]
  lines.forEach((line, i) => {
    if (isHeading(i)) blocks.push({ heading: line.trim(), lines: [] })
    else if (!/^[=-]{3,}$/.test(line)) blocks.at(-1)!.lines.push({ text: line, line: i + 1 })
  })
  return cuts(blocks)
}

const cuts = (blocks: Block[]): Cut[] => blocks.map(({ heading, lines }) => ({ heading, names: [], sort: 'text', pieces: piecesOf(lines) }))

/** Sentences of paragraphs, list items one by one, code in fences or behind a prompt as one example. Tables, comments and rules say nothing alone. */
export function piecesOf(lines: Block['lines']): Piece[] {
  const pieces: Piece[] = []
  let paragraph: Block['lines'] = []
  let code: Block['lines'] | undefined
  const flush = () => {
    if (paragraph.length === 0) return
    const whole = paragraph.map(({ text }) => text.trim()).join(' ')
    let at = 0
    for (const text of sentences(whole)) {
      at = whole.indexOf(text.slice(0, 12), at)
      pieces.push({ text, line: lineAt(paragraph, at), form: 'prose' })
    }
    paragraph = []
  }
  const end = () => {
    if (code?.length) pieces.push({ text: code.map(({ text }) => text.trim()).join('\n'), line: code[0]!.line, form: 'example' })
    code = undefined
  }
  let fenced = false
  for (const each of lines) {
    const { text, line } = each
    if (/^\s*(```|~~~)/.test(text)) {
      flush()
      end()
      fenced = !fenced
      if (fenced) code = []
    } else if (fenced) code!.push(each)
    else if (/^\s*iex(\(\d+\))?>/.test(text)) {
      flush()
      ;(code ??= []).push(each)
    } else if (code && text.trim() !== '') code.push(each)
    else if (/^\s*$|^\s*([|<]|-{3,}$|\*{3,}$)/.test(text)) {
      flush()
      end()
    } else if (/^\s*([-*+]|\d+[.)])\s+/.test(text)) {
      flush()
      paragraph = [{ text: text.replace(/^\s*([-*+]|\d+[.)])\s+/, ''), line }]
    } else paragraph.push(each)
  }
  flush()
  end()
  return pieces
}

/** The line on which a character of the joined paragraph stands. */
function lineAt(paragraph: Block['lines'], at: number): number {
  let before = 0
  for (const { text, line } of paragraph) {
    before += text.trim().length + 1
    if (at < before) return line
  }
  return paragraph[0]!.line
}
