import { cut, type Cut, type Piece } from './cut.ts'
import type { AssistantYaml, Passage, Question, Section } from './schema.ts'

/** Longest passage that is quoted, in characters; a longer one is no answer to anything. */
const longestPassage = 600

/** The sections of the documents, each passage with the kind of question that it answers. */
export function sectionsOf(yaml: AssistantYaml, documents: readonly { file: string; text: string }[]): Section[] {
  const ids = new Map<string, number>()
  const stems = Map.groupBy(documents, ({ file }) => stem(file))
  return documents.flatMap(({ file, text }) => {
    const path = stems.get(stem(file))!.length > 1 ? file : stem(file)
    const group = Object.entries(yaml.groups).find(([, { files }]) => covers(files, file))?.[0] ?? 'other'
    return cut(file, text).flatMap((each): Section[] => {
      // What stands before the first heading belongs to no topic.
      if (each.heading === '') return []
      const wanted = `${path}/${slug(each)}`
      const count = (ids.get(wanted) ?? 0) + 1
      ids.set(wanted, count)
      const id = count === 1 ? wanted : `${wanted}-${count}`
      const sort = covers(yaml.sources.symptoms, file) ? 'symptom' : each.sort
      const passages = passagesOf(yaml.questions, id, file, each.pieces)
      return passages.length ? [{ id, heading: each.heading, group, sort, names: namesOf(yaml, each), passages }] : []
    })
  })
}

/** Is the file named, or a folder that it stands in? */
export const covers = (paths: readonly string[], file: string): boolean => paths.some((path) => file === path || file.startsWith(`${path.replace(/\/$/, '')}/`))

const stem = (file: string) => file.replace(/\.[A-Za-z]+$/, '')

/** "recall-2" for a function, the heading's words otherwise. */
const slug = ({ heading, names, sort }: Cut): string =>
  (sort === 'function' ? names[0]! : heading).toLowerCase().normalize('NFKD').replace(/['’]/g, '').replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 80) || 'section'

function namesOf(yaml: AssistantYaml, { heading, names }: Cut): string[] {
  const isTerm = [heading, names[0]].some((name) => name !== undefined && Object.hasOwn(yaml.terms, name))
  const known = !isTerm ? [] : Object.entries(yaml.terms).filter(([term]) => term === heading || term === names[0]).flatMap(([, others]) => others)
  return [...new Set([heading, ...names, ...known])]
}

function passagesOf(questions: readonly Question[], section: string, file: string, pieces: readonly Piece[]): Passage[] {
  const counts = new Map<string, number>()
  let first = true
  return pieces.flatMap((piece): Passage[] => {
    if (piece.text.length > longestPassage) return []
    const asks = kindOf(questions, piece, first)
    if (piece.form === 'prose') first = false
    const count = (counts.get(asks) ?? 0) + 1
    counts.set(asks, count)
    return [{ id: `${section}/${asks}${count === 1 ? '' : `-${count}`}`, asks, text: piece.text, file, line: piece.line }]
  })
}

/** A section's first sentence says what it is about, unless it begins with what another kind is known by. */
function kindOf(questions: readonly Question[], { text, form }: Piece, first: boolean): string {
  const taking = (how: Question['takes']) => questions.find(({ takes }) => takes === how)
  const formed = form === 'prose' ? undefined : taking(form)
  if (formed) return formed.asks
  const said = ` ${text.toLowerCase().replace(/[^\p{L}\p{N}_{}'.:-]+/gu, ' ')} `
  const known = (cue: string) => said[first || cue.startsWith('^') ? 'startsWith' : 'includes'](` ${cue.replace(/^\^/, '').toLowerCase()}`)
  const cued = questions.find(({ cues }) => cues.some(known))
  return (cued ?? (first ? taking('first') : undefined) ?? taking('rest') ?? taking('first') ?? questions[0]!).asks
}
