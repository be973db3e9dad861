import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { parse as parseYaml } from 'yaml'
import type { Row } from '../../dataset/row.ts'
import { contextFields, type CliSchema, type collectorNames } from './schema.ts'

type Collector = (cwd: string) => Promise<string | number | boolean | undefined>

/** Reads what the schema's `collect` keys name, in the folder `cwd`. Fixed read-only commands and files; never the network. Null when nothing is known. */
export async function collectContext(schema: CliSchema, cwd: string): Promise<Row['context']> {
  const context: Record<string, Record<string, unknown>> = {}
  const fields = contextFields(schema).filter(({ field }) => field.collect)
  const values = await Promise.all(fields.map(({ field }) => collectors[field.collect!](cwd).catch(() => undefined)))
  fields.forEach(({ group, name }, i) => {
    if (values[i] !== undefined) (context[group] ??= {})[name] = values[i]
  })
  return Object.keys(context).length ? context : null
}

const collectors: Record<(typeof collectorNames)[number], Collector> = {
  git_branch: branch,
  git_owner: async (cwd) => (await origin(cwd))?.owner,
  git_repo: async (cwd) => (await origin(cwd))?.repo,
  git_pr: pullRequest,
  git_dirty: async (cwd) => {
    const status = await git(cwd, 'status', '--porcelain', '--untracked-files=normal')
    return status === undefined ? undefined : status !== ''
  },
  kube_cluster: async () => (await kubeContext())?.cluster,
  kube_namespace: async () => (await kubeContext())?.namespace,
}

/** Output of a read-only git command; undefined when it fails or takes longer than a second. Hooks of the folder (fsmonitor) stay off, nothing is locked. */
async function git(cwd: string, ...args: string[]): Promise<string | undefined> {
  const { stdout, failed } = await execa('git', ['-c', 'core.fsmonitor=false', ...args], {
    cwd,
    reject: false,
    timeout: 1_000,
    stdin: 'ignore',
    maxBuffer: 1_000_000,
    env: { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', GIT_NO_LAZY_FETCH: '1', LC_ALL: 'C' },
  })
  return failed ? undefined : stdout.trim()
}

/** undefined with a detached head. */
async function branch(cwd: string): Promise<string | undefined> {
  return (await git(cwd, 'symbolic-ref', '--quiet', '--short', 'HEAD')) || undefined
}

async function origin(cwd: string): Promise<{ owner: string; repo: string } | undefined> {
  const remotes = (await git(cwd, 'config', '--get-regexp', '^remote\\..*\\.url$'))?.split('\n').map((line) => line.split(' ')) ?? []
  const wanted = ['remote.upstream.url', 'remote.origin.url']
  const url = (wanted.map((name) => remotes.find(([key]) => key === name)).find(Boolean) ?? remotes[0])?.[1]
  const match = url && /[/:]([^/:]+)\/([^/]+?)(?:\.git)?\/?$/.exec(url)
  return match ? { owner: match[1]!, repo: match[2]! } : undefined
}

/** The number of the branch's pull request, where `gh pr checkout` left it in the branch's configuration. */
async function pullRequest(cwd: string): Promise<number | undefined> {
  const name = await branch(cwd)
  if (!name) return undefined
  const merge = await git(cwd, 'config', '--get', `branch.${name}.merge`)
  const number = merge && /^refs\/pull\/(\d+)\/head$/.exec(merge)?.[1]
  return number ? Number(number) : undefined
}

async function kubeContext(): Promise<{ cluster?: string; namespace?: string } | undefined> {
  const files = process.env.KUBECONFIG?.split(':').filter(Boolean) ?? [join(homedir(), '.kube', 'config')]
  const configs = (await Promise.all(files.map((file) => readFile(file, 'utf8').then((text) => parseYaml(text.slice(0, 1_000_000)), () => undefined)))).filter((config) => config && typeof config === 'object')
  const current = configs.map((config) => config['current-context']).find((name) => typeof name === 'string' && name)
  const context = configs.flatMap((config) => (Array.isArray(config.contexts) ? config.contexts : [])).find((entry) => entry?.name === current)?.context
  if (!current || !context) return undefined
  const text = (value: unknown) => (typeof value === 'string' && value ? value : undefined)
  return { cluster: text(context.cluster), namespace: text(context.namespace) }
}
