import type { Hooks } from '../../../dataset/hooks.ts'
import { InputError } from '../../../errors.ts'
import type { Inspection } from '../../inspection.ts'
import { planCurriculum, type Learned } from '../curriculum.ts'
import type { AnalysisSchema } from '../schema.ts'
import { analysed, learnedOf, rankedFeatures, type Analysed } from './learned.ts'
import { BatchIndex } from './matching.ts'
import { sectionsOf } from './page.ts'
import { PatternLibrary } from './patterns.ts'
import { QualityMetrics } from './quality.ts'
import { eachAnalysis, eachBatch, filesIn, type BatchRecord, type Unreadable } from './records.ts'
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
  const files = await filesIn(folder, analysis)
  await eachBatch(schema, files.batches, hooks, (record, mails, value) => {
    batches.push(record)
    report.batch(record, mails, value)
  }, onUnreadable)
  if (batches.length === 0) throw new InputError(`None of the ${files.batches.length} files in ${folder} is a batch of mails; the first: ${unreadable[0]!.message}`)

  const index = new BatchIndex<BatchRecord>()
  for (const batch of batches) index.add(batch)
  const analyses: Analysed[] = []
  if (files.analyses !== undefined) {
    await eachAnalysis(schema, files.analyses, hooks, async (found) => {
      const batch = index.find(found.names)
      if (batch) patterns.add(batch, found)
      await quality.add(batch, found)
      analyses.push(analysed(batch, found))
    }, onUnreadable)
  }
  const learned = learnedOf(schema, analyses)
  const { curriculum, why } = curriculumOf(learned.flatMap(({ state, ...rest }) => (state === undefined ? [] : [{ state, ...rest }])))
  const documents = {
    data_analysis_report: report.document(batches, analyses, unreadable),
    pattern_library: { ...patterns.document(), features: rankedFeatures(learned) },
    quality_metrics: quality.document(batches),
    ...(curriculum && { curriculum_config: curriculum }),
  }
  return {
    documents,
    title: `${batches.length.toLocaleString('en')} batches, ${analyses.length.toLocaleString('en')} analyses`,
    page: { name: 'data_analysis_report', sections: sectionsOf(documents) },
    unreadable: unreadable.map(({ message }) => message),
    notes: [...(files.analyses === undefined ? ['no file of analyses was found (analysis.json in the folder, or --analysis): patterns and quality are empty'] : []), ...(why === undefined ? [] : [`no curriculum_config.json: ${why}`])],
  }
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
