import { elixirSections } from './cut-elixir.ts'
import { markdownSections, textSections } from './cut-text.ts'

/** A piece as it stands in a document, before it is known what it answers. */
export interface Piece {
  text: string
  /** 1-based. */
  line: number
  form: 'prose' | 'signature' | 'example'
}

export interface Cut {
  heading: string
  /** What else the heading is called by its form: "Memory.recall/2" and "recall" for a function. */
  names: string[]
  sort: 'text' | 'function'
  pieces: Piece[]
}

/** Endings of the files that are read, and how each is cut into sections. */
export const cutters: Record<string, (text: string) => Cut[]> = {
  md: markdownSections, markdown: markdownSections, txt: textSections, ex: elixirSections, exs: elixirSections,
}

/** The sections of a document that hold any text. */
export const cut = (file: string, text: string): Cut[] => cutters[endingOf(file)]!(text.replace(/\r\n?/g, '\n')).filter(({ pieces }) => pieces.length > 0)

export const endingOf = (file: string): string => /\.([A-Za-z]+)$/.exec(file)?.[1]?.toLowerCase() ?? ''
