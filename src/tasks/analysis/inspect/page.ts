import type { PageSection } from '../../inspection.ts'

const number = (value: unknown): string => (typeof value === 'number' ? value.toLocaleString('en') : '–')
const percent = (value: unknown): string => (typeof value === 'number' ? `${(100 * value).toFixed(1)}%` : '–')

/** So many rows of what people's files name; all stand in the documents. */
const shown = 40
/** Longer names are cut, in characters. */
const longestName = 80

const cut = (name: string): string => (name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name)

/** What a part of the page says beside its figures, and that it does not have them all. */
function noted(count: number, note = ''): { note?: string } {
  const all = [note, count > shown ? `Here are the commonest ${shown} of ${number(count)}.` : ''].filter(Boolean).join(' ')
  return all === '' ? {} : { note: all }
}

function bars(title: string, counts: Record<string, number>, note?: string): PageSection {
  const entries = Object.entries(counts)
  const most = Math.max(1, ...entries.slice(0, shown).map(([, count]) => count))
  return { title, ...noted(entries.length, note), bars: entries.slice(0, shown).map(([name, count]) => ({ name: cut(name), share: count / most, figure: number(count) })) }
}

type Rows = NonNullable<PageSection['table']>['rows']

function table(title: string, head: string[], rows: Rows, note?: string): PageSection {
  return { title, ...noted(rows.length, note), table: { head, rows: rows.slice(0, shown).map((row) => row.map((cell, i) => (i === 0 && typeof cell === 'string' ? cut(cell) : cell))) } }
}

const telling = 'Mutual information, in bits'

/** Features that tell one label from others. */
function ranked(what: string, { features, chance_bits: chance, batches, labels }: any, more = ''): PageSection[] {
  const most = features[0]?.bits || 1
  if (features.length === 0) return []
  return [{ title: `Features that tell ${what}`, note: `${telling}: ${number(labels)} labels of ${number(batches)} batches. What tells nothing has ${chance.toFixed(3)} on average, by chance.${more}`, bars: features.slice(0, 15).map((each: any) => ({ name: cut(each.feature), share: each.bits / most, figure: each.bits.toFixed(3) })) }]
}

/** The same of many labels, each of which a batch has or has not. */
function rankedEach(what: string, each: Record<string, any>): PageSection[] {
  const rows = Object.entries(each).map(([name, { features, chance_bits: chance }]) => [name, features.filter(({ bits }: any) => bits > chance).slice(0, 4).map(({ feature, bits }: any) => `${feature} (${bits.toFixed(3)})`).join(', ') || '–'])
  return rows.length ? [table(`Features that tell ${what}`, ['has it', 'features'], rows, `${telling}, where it is more than chance gives.`)] : []
}

/** The documents of an inspection as a person reads them. Nothing stands here that the documents lack. */
export function sectionsOf(documents: Record<string, any>): PageSection[] {
  const { data_analysis_report: report, pattern_library: patterns, quality_metrics: quality, curriculum_config: curriculum } = documents
  const { values_and_actions: complexity } = report.correlation_of_number_and_complexity
  const spread = (name: string, { mean, p50, p95, most }: { mean: number; p50: number; p95: number; most: number }) => [name, mean, p50, p95, most]
  const sections: PageSection[] = [
    {
      title: 'What was read',
      note: `${number(report.files.batches)} batches with ${number(report.mails.all)} mails${report.mails.from ? `, ${report.mails.from.slice(0, 10)} to ${report.mails.to.slice(0, 10)}` : ''}; ${number(report.files.unreadable)} files or entries could not be read. ${complexity.n ? `The number of a batch and how much its analysis says: Spearman ${complexity.spearman ?? '–'}, Pearson ${complexity.pearson ?? '–'} over ${number(complexity.n)}.` : ''}`,
      table: { head: ['a batch has', 'mean', 'median', '95 of 100', 'most'], rows: [spread('mails', report.mails.a_batch), spread('threads', report.mails.threads_a_batch), spread('words as read', report.mails.words_as_read)] },
    },
  ]
  if (report.files.examples.length) sections.push({ title: 'What could not be read', table: { head: ['file', 'why'], rows: report.files.examples.slice(0, 20).map((each: any) => [each.file, each.message]) } })
  sections.push(bars('Fields of batches', report.structure.batch_fields), bars('Fields of mails', report.structure.mail_fields))
  if (Object.keys(report.structure.gaps).length) sections.push(bars('What mails lack', report.structure.gaps))
  if (report.workflows.analyses) sections.push(bars('States', report.workflows.states, 'As the analyses name them.'), bars('Priorities', report.workflows.priorities))
  if (Object.keys(report.workflows.processes).length) sections.push(bars('From mail to mail', report.workflows.processes, 'States that the words of one mail and of the next speak for.'))
  sections.push(bars('Entities by sure patterns', report.entities_by_pattern), bars('Personal data that was replaced', report.personal_data_replaced, 'Counted by kind; no value is kept.'), bars('Subjects', report.mails.subjects, 'Digits are #.'))
  const states = Object.entries<any>(patterns.states)
  if (states.length) {
    sections.push(table('How states are told', ['state', 'batches', 'phrases'], states.map(([state, { batches, phrases }]) => [state, batches, phrases.slice(0, 6).map((each: any) => `${each.words} (${percent(each.share)})`).join(', ')]), 'Phrases of the newest mail that tell a state from the others; in brackets the share of its batches that have it.'))
    sections.push(table('How entities are found', ['type', 'values', 'by declared patterns', 'shapes', 'word before'], Object.entries<any>(patterns.entities).map(([type, each]) => [type, each.values, percent(each.found_by_declared_patterns), Object.keys(each.shapes).slice(0, 4).join(', '), Object.keys(each.word_before).slice(0, 5).join(', ')])))
    sections.push(table('How priorities are told', ['priority', 'batches', 'with declared words', 'with a deadline', 'words'], Object.entries<any>(patterns.priorities).map(([name, each]) => [name, each.batches, percent(each.with_declared_words), percent(each.with_a_deadline), Object.keys(each.words).slice(0, 5).join(', ')])))
  }
  const { state, priority, entities, actions, summary } = patterns.features
  const [short, medium] = summary.classes
  sections.push(...ranked('the state', state), ...ranked('the priority', priority), ...rankedEach('entities', entities), ...rankedEach('action items', actions), ...ranked('the length of the summary', summary, short && ` Short: up to ${number(short.to_words)} words, medium: up to ${number(medium.to_words)}.`))
  if (quality.analysed) {
    sections.push({ title: 'How good the analyses are', note: quality.how, table: { head: ['', 'mean', 'median', '95 of 100', 'most'], rows: (['score', 'completeness', 'factual', 'entity_recall'] as const).map((name) => spread(name.replace('_', ' '), quality[name])) } })
    sections.push(bars('Gaps and inconsistencies', quality.counts))
    sections.push({ title: 'The best analysed', table: { head: ['batch', 'score', 'values'], rows: quality.best.slice(0, 10).map((each: any) => [each.batch, each.score, each.values]) } })
  }
  if (curriculum) sections.push({ title: 'From simple to hard', table: { head: ['level', 'batches', 'points', 'joins after', 'commonest pattern'], rows: curriculum.levels.map((each: any) => [each.name, each.batches, `${each.from} to ${each.to}`, percent(each.joins), each.groups[0]?.pattern ?? '–']) } })
  return sections
}
