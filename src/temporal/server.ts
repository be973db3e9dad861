import { dirname } from 'node:path'
import { mkdirSync } from 'node:fs'
import { searchAttributes } from './names.ts'

export type ServerOptions = { cli: string; db: string; port: number; uiPort: number }

/**
 * The command of a one-process server for this machine only. File-backed: without `--db-filename` every run dies with it.
 */
export function serverCommand({ cli, db, port, uiPort }: ServerOptions): { command: string; args: string[] } {
  mkdirSync(dirname(db), { recursive: true })
  const attributes = Object.entries(searchAttributes).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`])
  // It also listens for HTTP, on a port of its own choice and without a look at who asks: any page that a person visits could start and end runs. Nobody here needs it.
  const closed = ['--dynamic-config-value', 'frontend.httpAllowedHosts=[]']
  return { command: cli, args: ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort), '--db-filename', db, '--log-level', 'warn', ...closed, ...attributes] }
}
