import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { GateError, InputError } from '../errors.ts'
import type { Augmentation } from '../tasks/augment/section.ts'
import { companionLessons, type Lessons } from '../tasks/companion.ts'
import type { Phase, QualityCheck, TaskFamily } from '../tasks/family.ts'
import { joining } from './added.ts'
import { datasetCard } from './card.ts'
import { corpusOf } from './corpus.ts'
import type { Corpus } from './corpus.ts'
import { findDuplicates } from './duplicates.ts'
import type { Hooks } from './hooks.ts'
import { readJsonl, writeAtomic, writeJsonl } from './jsonl.ts'
import { assertNoLeakage, checkLeakage } from './leakage.ts'
import { Row } from './row.ts'
import { ratiosFor, maxDropRate, splitNames, splitRows } from './split.ts'
import type { Ratios, SplitName } from './split.ts'
import { countBy, coverageOf, distributionOf, diversityOf, round, sliceCounts } from './statistics.ts'
import { variedBy, type DatasetReport } from './statistics.ts'
import { fold, hash53 } from './text.ts'
import { lessonFile, phaseFile, trainingRows } from './training-rows.ts'
import { checkRows, reasons } from './validate.ts'
import type { RejectedRow } from './validate.ts'
import { variantsOf } from './variants.ts'
import { wordingOf } from './wording.ts'

export const splitFiles: Record<SplitName, string> = { train: 'train.jsonl', validation: 'train_val.jsonl', calibration: 'train_calibration.jsonl', test: 'train_test.jsonl' }

export interface AssembleOptions {
  /** The training's name. */
  name: string
  family: TaskFamily
  schema: unknown
  /** Files of rows as the teacher wrote them, in the plan's order. */
  batches: readonly string[]
  /** Files of rows that `import` has accepted. */
  imported?: readonly string[] | undefined
  /** Files of rows that further rounds of a training wrote: they join the training split alone, and the splits are as they were without them. */
  added?: readonly string[] | undefined
  /** The hand-written test set: no row of it, and none that reads like one, is trained on. */
  golden?: string | undefined
  /** An existing or new folder; the caller publishes it. */
  outDir: string
  seed: number
  ratios?: Ratios
  /** Share of rejected rows above which the dataset is refused. */
  rejectLimit?: number
  /** As shown in the card. */
  command?: string
}

/**
 * Rows in, dataset out: checks, removes doubles and contradictions, splits by intent, varies what people wrote of the training split, proves that nothing leaks, counts, and writes
 * train.jsonl, train_val.jsonl, train_calibration.jsonl, train_test.jsonl, rejected.jsonl, dataset.json, DATASET.md,
 * and for the trainers sft.train.jsonl, sft.{phase}.jsonl of each phase, sft.validation.jsonl, pieces.json, system.txt; for those of a companion the
 * same in a folder of its name. Equal inputs give equal bytes.
 * @throws InputError when too many rows are rejected or a split would be empty; GateError when the splits leak or a quality check of the family is missed
 */
export async function assembleDataset(options: AssembleOptions, hooks: Hooks = {}): Promise<DatasetReport> {
  const { name, family, schema, outDir, seed, rejectLimit = 0.3 } = options
  await mkdir(outDir, { recursive: true })

  // What people gave comes first: of near-duplicates the first stays.
  const imported = options.imported ?? []
  const read = await readRows([...imported, ...options.batches], hooks)
  const byPeople = new Set(read.rows.filter((_, index) => read.files[index]! < imported.length))
  const checked = await checkRows(family, schema, read.rows, { ...hooks, place: (index) => read.places[index]! })
  const rejected = [...read.rejected, ...checked.rejected]
  const total = read.rows.length + read.rejected.length
  refuseTooManyRejected(rejected, total, rejectLimit, options)
  const addedRead = await readRows(options.added ?? [], hooks)
  const addedChecked = await checkRows(family, schema, addedRead.rows, { ...hooks, place: (index) => addedRead.places[index]! })
  const quality = assertQuality(family.quality?.(schema, read.rows) ?? [], options)
  // By themselves: among so many others the weak ones of a round would not be seen. What was learned before must not end for them.
  const unfit = addedRead.rows.length > 0 ? missed(family.quality?.(schema, addedRead.rows) ?? []) : undefined

  const named = withIds([...checked.accepted, ...(unfit ? [] : addedChecked.accepted)])
  const rows = named.slice(0, checked.accepted.length)
  const corpus = await corpusOf(family, schema, rows, hooks)
  const duplicates = await findDuplicates({ family, schema, corpus }, hooks)
  const golden = options.golden === undefined ? [] : await readGolden(family, schema, options.golden)
  const declared = family.splits?.(schema)
  const ratios = options.ratios ?? declared?.ratios ?? family.ratios ?? ratiosFor(duplicates.kept.length)
  const split = await splitRows({ corpus, kept: duplicates.kept, seed, ratios, balance: declared?.balance ?? family.slices.slice(0, 2), groupShare: family.groupShare, golden: golden.map(({ text }) => text) }, hooks)
  for (const part of splitNames) {
    if (ratios[part] > 0 && split.rows[part].length === 0) {
      throw new InputError(`The ${part} split of "${name}" is empty: ${total} rows were read, ${rejected.length} rejected, ${duplicates.removed.length} removed as doubles or contradictions, ${split.dropped.length} dropped as neighbours of held-out rows. Make more examples (--num) or more varied ones.`)
    }
  }

  const wanted = family.augmentation?.(schema)
  const origins = wanted?.variants ? split.rows.train.filter((index) => byPeople.has(checked.accepted[index]!)) : []
  const varied = wanted?.variants ? await variantsOf({ family, schema, corpus, origins, wanted, seed }, hooks) : undefined
  // Variants first: they are the same whatever a round adds.
  const further = withIds([...rows, ...(varied?.rows ?? []), ...named.slice(rows.length)]).slice(rows.length)
  const isVariant = (index: number) => index < (varied?.rows.length ?? 0)
  const added = await corpusOf(family, schema, further, hooks)
  const joined = added.rows.length ? await joining({ family, schema, corpus, split, golden: golden.map(({ text }) => text), added }, hooks) : { kept: [], refused: [] }
  const leakage = await checkLeakage({
    train: [...itemsOf(corpus, split.rows.train), ...itemsOf(added, joined.kept)],
    heldOut: {
      validation: itemsOf(corpus, split.rows.validation), calibration: itemsOf(corpus, split.rows.calibration), test: itemsOf(corpus, split.rows.test),
      ...(golden.length > 0 && { golden }),
    },
  }, hooks)
  assertNoLeakage(leakage)

  const bySplit = Object.fromEntries(splitNames.map((key) => [key, split.rows[key].map((index) => rows[index]!)])) as Record<SplitName, Row[]>
  bySplit.train.push(...joined.kept.map((index) => added.rows[index]!))
  const kept = splitNames.flatMap((key) => bySplit[key])

  hooks.onProgress?.({ message: 'writing the dataset', step: 0, steps: 1 })
  const hashes: Record<string, string> = {}
  const write = async (file: string, records: Iterable<unknown>) => {
    hashes[file] = (await writeJsonl(join(outDir, file), records)).sha256
  }
  const writeText = async (file: string, text: string) => {
    hashes[file] = (await writeAtomic(join(outDir, file), [text])).sha256
  }
  const unphased: string[] = []
  const writeLessons = async (lessons: Lessons, phases: readonly Phase[], model?: string) => {
    const file = (name: string) => lessonFile(name, model)
    await mkdir(join(outDir, model ?? '.'), { recursive: true })
    await write(file('sft.train.jsonl'), trainingRows(lessons, schema, bySplit.train))
    for (const { name: phase, title, takes, elseAll } of phases) {
      const own = bySplit.train.filter(takes)
      if (own.length === 0 && !elseAll) throw new InputError(`The phase "${title}" of "${name}" has no training rows to learn from. Make more examples (--num), import some for it, or mend what they are made of.`)
      if (own.length === 0) unphased.push(title)
      const taken = own.length > 0 ? own : bySplit.train
      await write(file(phaseFile(phase)), trainingRows(lessons, schema, taken))
    }
    await write(file('sft.validation.jsonl'), trainingRows(lessons, schema, bySplit.validation))
    await writeText(file('pieces.json'), `${JSON.stringify(lessons.pieces(schema), null, 1)}\n`)
    await writeText(file('system.txt'), lessons.systemText(schema))
  }
  for (const key of splitNames) await write(splitFiles[key], bySplit[key])
  await writeLessons(family, family.phases?.(schema) ?? [])
  const companion = family.companion?.(schema)
  if (companion) await writeLessons(companionLessons(family, companion), companion.phases, companion.name)
  await write('rejected.jsonl', [
    ...rejected,
    ...duplicates.removed.map(({ index, why, because }): RejectedRow => ({ row: rows[index], problems: [{ rule: 'diversity', message: `${why} of ${rows[because]!.id}: ${JSON.stringify(rows[because]!.instruction)}` }] })),
    ...split.dropped.map(({ index, near, similarity, split: side }): RejectedRow => ({ row: rows[index], problems: [{ rule: 'diversity', message: side === 'golden' ? `reads like a hand-written test row (similarity ${similarity.toFixed(2)})` : `reads like ${rows[near]!.id} of the ${side} split (similarity ${similarity.toFixed(2)})` }] })),
    ...addedRead.rejected, ...addedChecked.rejected,
    ...(unfit ? addedChecked.accepted.map((row): RejectedRow => ({ row, problems: [{ rule: 'schema', message: `is of added examples that ${missWords(unfit)}` }] })) : []),
    ...(varied?.refused ?? []).map(({ row, problems }): RejectedRow => ({ row, problems })),
    ...joined.refused.map(({ index, why }): RejectedRow => ({ row: added.rows[index], problems: [{ rule: 'diversity', message: why }] })),
  ])
  // Another bound for the model makes no other data: nothing is trained anew for it.
  hashes.schema = createHash('sha256').update(JSON.stringify({ ...(schema as object), gates: undefined })).digest('hex')

  const removedBy = countBy(duplicates.removed, ({ why }) => why)
  const instructions = rows.map((row) => fold(row.instruction))
  const report: DatasetReport = {
    name, kind: family.kind, seed, rows: kept.length,
    splits: { train: bySplit.train.length, validation: bySplit.validation.length, calibration: bySplit.calibration.length, test: bySplit.test.length },
    split_ratios: ratios, split_groups: split.groups,
    intents: new Set([...splitNames.flatMap((key) => split.rows[key].map((index) => corpus.intents[index]!)), ...joined.kept.map((index) => added.intents[index]!)]).size,
    sources: countBy(kept, (row) => row.source ?? 'unknown'),
    slices: sliceCounts(family, kept),
    slices_by_split: Object.fromEntries(splitNames.map((key) => [key, sliceCounts(family, bySplit[key])])),
    ...(family.slices.includes('context') && distributionOf(kept) && { distribution: distributionOf(kept) }),
    coverage: coverageOf(family, schema, bySplit.train),
    diversity: diversityOf(kept.map((row) => row.instruction), new Set(instructions).size / Math.max(1, instructions.length), seed),
    read: total,
    rejected: {
      rows: rejected.length, rate: round(rejected.length / Math.max(1, total)),
      by_rule: Object.fromEntries(reasons(rejected).map(({ rule, count }) => [rule, count])),
      examples: Object.fromEntries(reasons(rejected).map(({ rule, example }) => [rule, example])),
    },
    removed: {
      exact_duplicates: removedBy['exact duplicate'] ?? 0, near_duplicates: removedBy['near duplicate'] ?? 0, contradictions: removedBy.contradiction ?? 0,
      near_golden: split.dropped.filter((row) => row.split === 'golden').length, near_held_out: split.dropped.filter((row) => row.split !== 'golden').length,
    },
    ...(options.added?.length && { added: { read: addedRead.rows.length + addedRead.rejected.length, rows: joined.kept.filter((index) => !isVariant(index)).length } }),
    ...(wanted && varied && { augmented: augmentedOf(wanted, { origins: origins.length, taken: joined.kept.filter(isVariant).map((index) => added.rows[index]!), refused: [...varied.refused, ...joined.refused.filter(({ index }) => isVariant(index))] }) }),
    ...(quality.length > 0 && { quality: quality.map(({ example: _, ...check }) => ({ ...check, value: round(check.value) })) }),
    drop_rate: round(split.dropRate), held_out_chosen_apart: split.choseApart,
    leakage, hashes, warnings: [],
  }
  report.warnings = [...warningsOf(report, unphased, new Set(split.rows.test.map((index) => corpus.intents[index]!)).size), ...(unfit ? [`No added example was taken: they ${missWords(unfit)}.`] : [])]
  await writeAtomic(join(outDir, 'dataset.json'), [`${JSON.stringify(report, null, 2)}\n`])
  const command = options.command ?? `npx clitron generate ${name} --seed ${seed}`
  await writeAtomic(join(outDir, 'DATASET.md'), [datasetCard({ report, family, guidelines: family.guidelines?.(schema), rows: bySplit.train, title: family.describe(schema).title, command })])
  hooks.onProgress?.({ message: 'writing the dataset', step: 1, steps: 1 })
  return report
}

async function readRows(files: readonly string[], hooks: Hooks) {
  const rows: Row[] = []
  const places: { file: string; line: number }[] = []
  /** Which of the files a row is from. */
  const from: number[] = []
  const rejected: RejectedRow[] = []
  for (const [step, path] of files.entries()) {
    // Only the name: the folder differs between hosts, the dataset's bytes must not.
    const file = basename(path)
    hooks.onProgress?.({ message: 'reading rows', step, steps: files.length })
    const onBadLine = (error: InputError, line: number, text: string) => rejected.push({ row: text, problems: [{ rule: 'json', message: error.message }], file, line })
    for await (const { line, value } of readJsonl(path, { onBadLine, shownAs: file, signal: hooks.signal })) {
      const parsed = Row.safeParse(value)
      if (parsed.success) {
        rows.push(parsed.data)
        places.push({ file, line })
        from.push(step)
      } else {
        const [issue] = parsed.error.issues
        rejected.push({ row: value, problems: [{ rule: 'shape', message: `"${issue?.path.join('.')}": ${issue?.message}` }], file, line })
      }
    }
  }
  return { rows, places, rejected, files: from }
}

function refuseTooManyRejected(rejected: readonly RejectedRow[], total: number, limit: number, { name }: AssembleOptions) {
  if (total === 0) throw new InputError(`There are no rows to make the dataset of "${name}" from; run \`clitron generate ${name}\` or import a file.`)
  if (rejected.length <= limit * total) return
  const top = reasons(rejected).slice(0, 3).map(({ rule, count, example }) => `${rule} ${count}× (${example})`)
  throw new InputError(`${rejected.length} of ${total} rows for "${name}" were rejected, more than ${Math.round(limit * 100)}%: ${top.join('; ')}. Mend the teacher or the schema before training on the rest.`)
}

const augmentedOf = ({ variants, ways }: Augmentation, { origins, taken, refused }: { origins: number; taken: readonly Row[]; refused: readonly { reason: string }[] }): DatasetReport['augmented'] => ({
  variants, ways: [...ways], origins, rows: taken.length,
  by_augmentation: countBy(taken, ({ slice }) => slice?.[variedBy]),
  rejected: { rows: refused.length, by_reason: countBy(refused, ({ reason }) => reason) },
})

const missed = (checks: readonly QualityCheck[]) => checks.find(({ value, least }) => value < least)
const missWords = ({ name, method, value, least, example }: QualityCheck) => `miss the quality check ${name} (${method.replaceAll('_', ' ')}): ${value.toFixed(4)}, at least ${least} is needed; ${example ?? ''}`

/** @throws GateError that names the check, its figure and the first row by which it is missed */
function assertQuality(checks: readonly QualityCheck[], { name }: AssembleOptions): readonly QualityCheck[] {
  const check = missed(checks)
  if (!check) return checks
  throw new GateError(`The examples for "${name}" ${missWords(check)}. Mend the rows or the schema, or the bound under "quality_checks".`)
}

/** Every row gets an id that is its own; a missing or doubled one is made from the content. */
function withIds(rows: readonly Row[]): Row[] {
  const taken = new Set<string>()
  return rows.map((row) => {
    let id = row.id
    if (id === undefined || taken.has(id)) {
      const made = `${row.source ?? 'row'}-${hash53(`${row.instruction}\n${JSON.stringify(row.context)}\n${row.output}`).toString(36)}`
      id = made
      for (let again = 2; taken.has(id); again++) id = `${made}-${again}`
    }
    taken.add(id)
    return id === row.id ? row : { ...row, id }
  })
}

/** Texts and wordings of the hand-written rows, each text once. */
async function readGolden(family: TaskFamily, schema: unknown, file: string) {
  const byText = new Map<string, { text: string; wording: string | undefined }>()
  for await (const { line, value } of readJsonl(file)) {
    try {
      const row = family.fromForeign(schema, value)
      const text = fold(family.fingerprint(schema, row))
      byText.set(text, { text, wording: wordingOf(family, schema, row) })
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      throw new InputError(`${file}:${line}:1: this golden row cannot be read: ${error.message} Run \`clitron lint\`.`)
    }
  }
  return [...byText.values()]
}

const itemsOf = (corpus: Corpus, indices: readonly number[]) => indices.map((index) => ({
  text: corpus.texts[index]!, question: corpus.questions[index]!, completion: corpus.completions[index]!, intent: corpus.intents[index]!, wording: corpus.wordings[index],
}))

/** A held-out set of fewer cannot tell differences of 5 points from chance. */
const fewIntents = 300
/** Who asks for fewer rows than these is only trying. */
const askedForMore = 1_000

function warningsOf({ augmented, distribution, diversity, coverage, drop_rate, rejected, read, removed }: DatasetReport, unphased: readonly string[], testIntents: number): string[] {
  const off = Object.entries(distribution ?? {}).filter(([, { deviation }]) => Math.abs(deviation) > 0.05)
  return [
    off.length > 0 && `The distribution is off: ${off.map(([key, { share, target }]) => `${key.replaceAll('_', ' ')} ${(share * 100).toFixed(0)}% instead of ${target * 100}%`).join(', ')}.`,
    diversity.unique_before < 0.5 && `Only ${(diversity.unique_before * 100).toFixed(0)}% of the written requests were different: the teacher repeats itself.`,
    coverage.uncovered.length > 0 && `No training example exercises ${coverage.uncovered.length} of the ${Object.keys(coverage.counts).length} parts of the schema: ${coverage.uncovered.slice(0, 3).join(', ')}${coverage.uncovered.length > 3 ? ', …' : ''}.`,
    ...unphased.map((title) => `No training row is made for "${title}": that phase learns from all of them.`),
    augmented !== undefined && 2 * augmented.rows < augmented.variants * augmented.origins && `Only ${augmented.rows} of the ${augmented.variants * augmented.origins} variants of imported rows that "augmentation" asks for could be made: ${Object.entries(augmented.rejected.by_reason).map(([reason, count]) => `${count} ${reason}`).join(', ') || 'the rows have nothing to vary'}.`,
    drop_rate > maxDropRate && `${(drop_rate * 100).toFixed(0)}% of the training rows were dropped because they read like held-out ones.`,
    rejected.rate > 0.1 && `${(rejected.rate * 100).toFixed(0)}% of the rows were rejected.`,
    read >= askedForMore && testIntents < fewIntents && `The test split has ${testIntents} intents; with fewer than ${fewIntents} a score may be off by several points.`,
    removed.contradictions > 0.02 * read && `${removed.contradictions} rows contradicted each other.`,
  ].filter((warning) => warning !== false)
}
