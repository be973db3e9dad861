import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { collectContext } from '../../../../src/tasks/cli/context.ts'
import { parse } from '../../../../src/tasks/cli/parse.ts'

const names = { current_branch: 'git_branch', repo_owner: 'git_owner', repo_name: 'git_repo', current_pr: 'git_pr', dirty: 'git_dirty' }
const fields = Object.entries(names).map(([name, collect]) => `  git.${name}: {type: ${name === 'current_pr' ? 'integer' : name === 'dirty' ? 'boolean' : 'string'}, collect: ${collect}}`)
const schema = parse({ name: 'x', file: 'x.yaml', text: `cli_name: x\ncontext:\n${fields.join('\n')}\n  kube.cluster: {collect: kube_cluster}\n  kube.namespace: {collect: kube_namespace}\ncommands: [{name: c}]\n` })

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clitron-context-'))
  vi.stubEnv('KUBECONFIG', join(folder, 'kubeconfig'))
  vi.stubEnv('GIT_CEILING_DIRECTORIES', tmpdir())
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

test('a folder without anything gives no context', async () => {
  expect(await collectContext(schema, folder)).toBeNull()
})

test('branch, repository, pull request and changes come from git alone, the cluster from the kube configuration', async () => {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' })
  git('init', '-b', 'fix/login')
  git('remote', 'add', 'origin', 'git@github.com:acme/store.front.git')
  expect(await collectContext(schema, folder)).toEqual({ git: { current_branch: 'fix/login', repo_owner: 'acme', repo_name: 'store.front', dirty: false } })
  git('config', 'branch.fix/login.merge', 'refs/pull/512/head')
  writeFileSync(join(folder, 'kubeconfig'), 'current-context: a\ncontexts:\n- name: a\n  context: {cluster: prod, namespace: web}\n')
  expect(await collectContext(schema, folder)).toEqual({
    git: { current_branch: 'fix/login', repo_owner: 'acme', repo_name: 'store.front', current_pr: 512, dirty: true },
    kube: { cluster: 'prod', namespace: 'web' },
  })
})
