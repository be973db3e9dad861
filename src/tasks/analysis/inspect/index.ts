import type { Hooks } from '../../../dataset/hooks.ts'
import { InputError } from '../../../errors.ts'
import type { Inspection } from '../../inspection.ts'
import { planCurriculum, type Learned } from '../curriculum.ts'
import { featuresOf, rankFeatures } from '../features.ts'
import type { AnalysisSchema } from '../schema.ts'
import type { FoundAnalysis } from './analyses.ts'
import { sectionsOf } from './page.ts'
import { PatternLibrary } from './patterns.ts'
import { QualityMetrics } from './quality.ts'
import { analysisFile, batchFiles, eachAnalysis, eachBatch, type BatchRecord, type Unreadable } from './records.ts'
import { DataReport } from './report.ts'

/**
 * What a folder of batch files, and a file of their analyses, hold. Files are read one at a time, the analyses as a stream; what cannot be
 * read is named and counted, the rest kept.
 * @throws InputError when there is nothing that can be read
 */
export async function inspectFolder(schema: AnalysisSchema, { folder, analysis }: { folder: string; analysis?: string | undefined }, hooks: Hooks = {}): Promise<Inspection> {
  const report = new DataReport(schema)
  const patterns = new PatternLibrary(schema)
  const quality = new QualityMetrics(schema)
  const batches: BatchRecord[] = []
  const unreadable: Unreadable[] = []
  const onUnreadable = (problem: Unreadable) => unreadable.push(problem)
  const files = await batchFiles(folder)
  await eachBatch(schema, files, hooks, (record, mails, value) => {
    batches.push(record)
    report.batch(record, mails, value)
  }, onUnreadable)
  if (batches.length === 0) throw new InputError(`None of the ${files.length} files in ${folder} is a batch of mails; the first: ${unreadable[0]!.message}`)

  const byKey = new Map(batches.map((batch) => [batch.key, batch]))
  const analyses: FoundAnalysis[] = []
  const file = analysis ?? (await analysisFile(folder))
  if (file !== undefined) {
    await eachAnalysis(schema, file, hooks, (found) => {
      const batch = found.key === undefined ? undefined : byKey.get(found.key)
      if (batch) patterns.add(batch, found)
      quality.add(batch, found)
      analyses.push(found)
    }, onUnreadable)
  }
  const learned = learnedOf(schema, byKey, analyses)
  const features = { batches: learned.length, for_state: rankFeatures(learned.map(({ features: each, state }) => ({ features: each, label: state }))).slice(0, 40), for_priority: rankFeatures(learned.map(({ features: each, priority }) => ({ features: each, label: priority }))).slice(0, 40) }
  const { curriculum, why } = curriculumOf(learned)
  const documents = {
    data_analysis_report: report.document(batches, analyses, unreadable),
    pattern_library: { ...patterns.document(), features },
    quality_metrics: quality.document(batches),
    ...(curriculum && { curriculum_config: curriculum }),
  }
  return {
    documents,
    title: `${batches.length.toLocaleString('en')} batches, ${analyses.length.toLocaleString('en')} analyses`,
    page: { name: 'data_analysis_report', sections: sectionsOf(documents) },
    unreadable: unreadable.map(({ message }) => message),
    notes: [...(file === undefined ? ['no file of analyses was found (analysis.json in the folder, or --analysis): patterns and quality are empty'] : []), ...(why === undefined ? [] : [`no curriculum_config.json: ${why}`])],
  }
}

function learnedOf(schema: AnalysisSchema, batches: ReadonlyMap<string, BatchRecord>, analyses: readonly FoundAnalysis[]): (Learned & { priority: string })[] {
  const once = new Map(analyses.flatMap((found) => (found.key !== undefined && found.state !== undefined && batches.has(found.key) ? [[found.key, found] as const] : [])))
  return [...once].map(([key, { state, priority, entities, actions }]) => {
    const { text, file, gaps } = batches.get(key)!
    return { id: file, features: featuresOf(schema, text), state: state!, priority: priority ?? '(none)', values: Object.values(entities).flat().length, actions: actions.length, gaps: gaps.length }
  })
}

function curriculumOf(learned: readonly Learned[]): { curriculum?: ReturnType<typeof planCurriculum>; why?: string } {
  if (learned.length === 0) return {}
  try {
    return { curriculum: planCurriculum(learned) }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { why: error.message }
  }
}
