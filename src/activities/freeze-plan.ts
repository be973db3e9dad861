import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { activityInfo } from '@temporalio/activity'
import { parse } from 'yaml'
import { InputError } from '../errors.ts'
import { readGateBounds } from '../evaluation/gates.ts'
import { checkName, dataDir, packageRoot, schemaFile } from '../paths.ts'
import { Plan, TrainInput, TrainOptions } from '../plan.ts'
import { readRegistry } from '../registry/registry.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { writeAtomically } from '../store/atomic.ts'
import { inputsKey } from '../store/memo.ts'
import type { Ref } from '../store/ref.ts'
import { loadSchema } from '../tasks/index.ts'
import { hasSearchAttributes } from '../temporal/search-attributes.ts'
import { defaultTeacherModel } from '../teacher/defaults.ts'
import { activity } from './stage.ts'

/** Settles schema, configuration and defaults once; everything after reads only the plan. */
export async function freezePlan(raw: unknown): Promise<{ plan: Plan }> {
  return activity('plan', async () => {
    const parsed = TrainInput.safeParse(raw)
    if (!parsed.success) throw new InputError(`A run is started with {"name": "gh"} and, if you like, "options" and "retrain"; ${parsed.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`).join('; ')}.`)
    const input = parsed.data
    const name = checkName(input.name)
    const store = new ArtifactStore()
    const options = await withEarlierOptions(store, name, input.options ?? {})

    const schema = input.schema ?? (await fromWorkerFolder(store, schemaFile(name), 'schema'))
    if (!schema) throw new InputError(`There is no ${relative(process.cwd(), schemaFile(name))} here; run \`clitron init ${name}\` to begin one, or \`clitron schemas\` to see those there are.`)
    const { family, schema: document } = loadSchema({ name, file: `schemas/${name}.yaml`, text: await store.readText(schema) })
    const golden = input.golden ?? (input.schema ? undefined : await fromWorkerFolder(store, schemaFile(name).replace(/\.yaml$/, '.golden.jsonl'), 'golden'))
    const imported = input.imported ?? (input.schema ? undefined : await fromWorkerFolder(store, dataDir(name, 'imported.jsonl'), 'imported'))

    const retrain = input.retrain ?? false
    const seed = (options.seed ?? 1) + (retrain ? 1000 * ((await readRegistry(store, name)).versions.length + 1) : 0)
    const base = options.base ?? 'scratch'
    const teacher = options.teacher ?? 'offline'
    if (teacher === 'import' && !imported) throw new InputError(`Teacher "import" needs rows: run \`clitron import ${name} rows.jsonl\` first.`)
    const plan: Plan = {
      name, kind: family.kind, schema, retrain, seed, base,
      ...(golden && { golden }), ...(imported && { imported }),
      count: teacher === 'import' ? 0 : family.plan(document, { count: options.num, seed }).length,
      pairs: options.pairs ?? 1000,
      quant: (options.quant ?? 'q4_k_m').toLowerCase(),
      teacher: {
        kind: teacher, model: options.model ?? process.env.CLITRON_TEACHER_MODEL ?? defaultTeacherModel, batch: options.batch ?? false,
        ...(process.env.ANTHROPIC_BASE_URL && { baseUrl: process.env.ANTHROPIC_BASE_URL }),
      },
      ...(options.budget !== undefined && { budget: options.budget }),
      force: options.force ?? false,
      configs: await readConfigs(base),
      searchAttributes: await hasSearchAttributes(),
    }
    return { plan: Plan.parse(plan), facts: { examples: plan.count, base: plan.base, teacher: plan.teacher.kind, plan: inputsKey(plan).slice(0, 8) } }
  })
}

/**
 * A single stage goes on with what the run before it was told (`generate gh --num 5000`, then `sft gh`), but for what it is told now.
 * A whole train starts from the defaults: what it makes must not depend on what was tried before.
 */
async function withEarlierOptions(store: ArtifactStore, name: string, told: TrainOptions): Promise<TrainOptions> {
  const file = join(store.root, 'options', `${name}.json`)
  const single = activityInfo().workflowType !== 'train'
  const { force: _, ...earlier } = single ? TrainOptions.parse(JSON.parse(await readFile(file, 'utf8').catch(() => '{}'))) : {}
  const options = { ...earlier, ...told }
  await writeAtomically(file, JSON.stringify(options))
  return options
}

async function fromWorkerFolder(store: ArtifactStore, file: string, kind: string): Promise<Ref | undefined> {
  return existsSync(file) ? store.putFile(file, kind) : undefined
}

/** The folder's own training/configs win over the package's. The scratch model has one file with a section for each stage. */
async function readConfigs(base: string): Promise<Plan['configs']> {
  const read = async (file: string): Promise<Record<string, any>> => {
    const own = join(process.cwd(), 'training', 'configs', file)
    const path = existsSync(own) ? own : join(packageRoot, 'training', 'configs', file)
    try {
      return parse(await readFile(path, 'utf8'), { maxAliasCount: 0 })
    } catch (error) {
      throw new InputError(`training/configs/${file}: ${(error as Error).message}`)
    }
  }
  const gates = readGateBounds(await read('eval_config.yaml'))
  if (base !== 'scratch') return { sft: await read('sft_config.yaml'), dpo: await read('dpo_config.yaml'), gates }
  const { sft, dpo } = await read('scratch_config.yaml')
  if (!sft || !dpo) throw new InputError('training/configs/scratch_config.yaml: expected the sections "sft:" and "dpo:"; the package\'s own file shows them.')
  return { sft, dpo, gates }
}
