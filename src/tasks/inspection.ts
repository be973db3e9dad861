/** A part of a page for people: a note, and a table or bars. */
export interface PageSection {
  title: string
  note?: string
  /** A name and a share of the largest, 0 to 1, with what stands behind it. */
  bars?: { name: string; share: number; figure: string }[]
  table?: { head: string[]; rows: (string | number)[][] }
}

/** What was found out of people's own files. */
export interface Inspection {
  /** JSON documents by the names of their files, without the ending. */
  documents: Record<string, unknown>
  title: string
  page: { name: string; sections: PageSection[] }
  /** Why each file or entry that was left out cannot be read. */
  unreadable: string[]
  /** What a person should know beside. */
  notes: string[]
}
