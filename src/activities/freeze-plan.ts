import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import { activityInfo } from '@temporalio/activity'
import { keepOptions, typedOptions, withEarlierOptions } from '../earlier-options.ts'
import { InputError } from '../errors.ts'
import { checkQuant } from '../inference/quant.ts'
import { checkName, dataDir, schemaFile } from '../paths.ts'
import { Plan, roundsOf, type Stage, TrainInput, usualOptions } from '../plan.ts'
import { readRegistry } from '../registry/registry.ts'
import { readConfigs, sentConfigs } from '../setup/configs.ts'
import { plannedCompanion, plannedPhases } from '../setup/phases.ts'
import { withDeclared, withSettings } from '../setup/settings.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { keepForRun } from '../store/garbage.ts'
import { inputsKey } from '../store/memo.ts'
import type { Ref } from '../store/ref.ts'
import { gatherSchema, loadSchema } from '../tasks/index.ts'
import { countBriefs, planBriefs } from '../teacher/briefs.ts'
import { hasSearchAttributes } from '../temporal/search-attributes.ts'
import { teacherModel } from '../teacher/defaults.ts'
import { withLedger } from '../teacher/ledger.ts'
import { estimate } from '../teacher/prices.ts'
import { activity } from './stage.ts'

/** Settles schema, configuration and defaults once; everything after reads only the plan. */
export async function freezePlan(raw: unknown): Promise<{ plan: Plan }> {
  return activity('plan', async () => {
    const parsed = TrainInput.safeParse(raw)
    if (!parsed.success) throw new InputError(`A run is started with {"name": "gh"} and, if you like, "options" and "retrain"; ${parsed.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`).join('; ')}.`)
    const input = parsed.data
    const name = checkName(input.name)
    const store = new ArtifactStore()
    // Before the options are kept: a later stage on its own would trip over the same word.
    if (input.options?.quant) await checkQuant(input.options.quant)
    const retrain = input.retrain ?? false
    const type = activityInfo().workflowType as 'train' | 'search' | Stage
    const { options, inherited } = await withEarlierOptions(store, { name, type, options: input.options ?? {}, retrain })
    if (!retrain && type !== 'search') await keepOptions(store, name, options)

    const schema = input.schema ?? (await schemaFromWorkerFolder(store, name))
    if (!schema) throw new InputError(`There is no ${relative(process.cwd(), schemaFile(name))} here; run \`clitron init ${name}\` to begin one, or \`clitron schemas\` to see those there are.`)
    const { family, schema: document } = loadSchema({ name, file: `schemas/${name}.yaml`, text: await store.readText(schema) })
    const golden = input.golden ?? (input.schema ? undefined : await fromWorkerFolder(store, schemaFile(name).replace(/\.yaml$/, '.golden.jsonl'), 'golden'))
    const imported = input.imported ?? (input.schema ? undefined : await fromWorkerFolder(store, dataDir(name, 'imported.jsonl'), 'imported'))

    const seed = (options.seed ?? usualOptions.seed) + (retrain ? 1000 * ((await readRegistry(store, name)).versions.length + 1) : 0)
    const base = options.base ?? usualOptions.base
    const teacher = options.teacher ?? usualOptions.teacher
    if (teacher === 'import' && !imported) throw new InputError(`Teacher "import" needs rows: run \`clitron import ${name} rows.jsonl\` first.`)
    if (teacher === 'import' && options.rounds) throw new InputError('Rounds of improvement need a teacher that writes more examples: leave out --rounds, or name the teacher "offline" or "anthropic"; imported rows are learned from with either.')
    const declared = withDeclared(base, await readConfigs(base, input.configs && sentConfigs(await store.readText(input.configs)), family.rowLength), family.searchSpace?.(document))
    const configs = input.settings ? { ...declared, sft: withSettings(base, declared, input.settings) } : declared
    const phases = plannedPhases(family, document, base, configs.sft)
    const companion = plannedCompanion(family, document, base, configs.sft)
    const plan: Plan = {
      name, kind: family.kind, schema, retrain, seed, base,
      ...(golden && { golden }), ...(imported && { imported }),
      count: countBriefs(family, document, { num: options.num, teacher, base }),
      pairs: options.pairs ?? usualOptions.pairs,
      quant: (options.quant ?? usualOptions.quant).toLowerCase(),
      teacher: {
        kind: teacher, model: teacherModel(options.model), batch: options.batch ?? false,
        ...(process.env.ANTHROPIC_BASE_URL && { baseUrl: process.env.ANTHROPIC_BASE_URL }),
      },
      ...(options.budget !== undefined && { budget: options.budget + (retrain ? spentBefore(store, name) : 0) }),
      force: options.force ?? false,
      ...roundsOf(options, family.gates?.(document), type),
      options,
      ...(options.force && { forcedBy: activityInfo().workflowExecution?.runId }),
      configs,
      ...(phases.length > 0 && { phases }),
      ...(companion && { companion }),
      searchAttributes: await hasSearchAttributes(),
    }
    await keepForRun(store, activityInfo().workflowExecution!.runId, 'plan', [schema, golden, imported])
    const facts = {
      examples: plan.count, base: plan.base, teacher, plan: inputsKey(plan).slice(0, 8),
      ...(Object.keys(inherited).length > 0 && { inherited: typedOptions(inherited) }),
      ...(teacher === 'anthropic' && { estimated_dollars: estimate({ family, schema: document, briefs: planBriefs(family, document, { num: options.num, seed, teacher, base }), ...plan.teacher }).dollars }),
    }
    return { plan: Plan.parse(plan), facts }
  })
}

/** The ledger counts all that a training has ever cost, and a retrain's budget is for itself. */
function spentBefore(store: ArtifactStore, name: string): number {
  const { paid, perhaps } = withLedger((ledger) => ledger.spent(name), store.root)
  return paid + perhaps
}

async function schemaFromWorkerFolder(store: ArtifactStore, name: string): Promise<Ref | undefined> {
  const file = schemaFile(name)
  if (!existsSync(file)) return undefined
  return store.putText(gatherSchema({ name, file: `schemas/${name}.yaml`, text: await readFile(file, 'utf8') }, dirname(file)), 'schema')
}

async function fromWorkerFolder(store: ArtifactStore, file: string, kind: string): Promise<Ref | undefined> {
  return existsSync(file) ? store.putFile(file, kind) : undefined
}
