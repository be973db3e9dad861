import { once } from 'node:events'
import { resolve } from 'node:path'
import { InputError } from '../../errors.ts'
import { stateDir } from '../../paths.ts'
import { AesCodec } from '../../temporal/codec.ts'
import { addKey, readKeys } from '../../temporal/codec-keys.ts'
import { serveCodec } from '../../temporal/codec-server.ts'
import { whoListens } from '../../temporal/ports.ts'
import { upState } from '../../temporal/supervisor.ts'
import { quote } from '../../text.ts'
import { print, printJson } from '../print.ts'

interface Options {
  newKey?: boolean
  port?: number
  webUi?: string
  json?: boolean
}

/** Makes a key, or decodes payloads for the Web UI and the `temporal` command until Ctrl-C. */
export async function codec({ newKey, port = 8081, webUi, json }: Options): Promise<void> {
  if (newKey) return makeKey(json ?? false)
  const keys = readKeys()
  if (keys.length === 0) throw new InputError('There is no key to decode with: set CLITRON_CODEC_KEY or CLITRON_CODEC_KEY_FILE as the workers have it, or make one with `clitron codec --new-key`.')
  const origins = webUi === undefined ? await ownWebUi() : [originOf(webUi)]
  const server = await serveCodec({ codec: new AesCodec(keys, keys[0]), port, origins, token: process.env.CLITRON_CODEC_TOKEN || undefined }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? new InputError(`Port ${port} is in use by ${whoListens(port)}; choose another with --port.`) : error
  })
  const url = `http://127.0.0.1:${port}`
  if (json) printJson({ url, web_ui: origins })
  else {
    print(`Payloads are decoded at ${url}, on this machine only; Ctrl-C ends it.`)
    print(`  temporal workflow show --codec-endpoint ${url} …`)
    print(origins.length ? `  Web UI (${origins[0]}): ${url} under its data encoder or codec server settings` : '  For a Web UI name its address: --web-ui URL')
  }
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  server.close()
  server.closeAllConnections()
}

function makeKey(json: boolean): void {
  const file = resolve(process.env.CLITRON_CODEC_KEY_FILE || stateDir('codec.key'))
  const { id, older } = addKey(file)
  if (json) return printJson({ file, id, older })
  print(`Key ${id} stands in ${file}${older ? `, before ${older} older, which still read what they wrote` : ''}. Nobody but you can read it; keep a copy, for without it no run of its time can be read.`)
  print(`Each worker and each terminal needs it, the workers first:\n  export CLITRON_CODEC_KEY_FILE=${quote(file)}`)
}

/** This folder's server shows its Web UI under both names of this machine. */
async function ownWebUi(): Promise<string[]> {
  const address = (await upState())?.uiAddress
  return address ? [address, address.replace('127.0.0.1', 'localhost')] : []
}

function originOf(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url).origin
  throw new InputError(`--web-ui is the address of a Web UI, like http://127.0.0.1:8233; found ${JSON.stringify(url)}.`)
}
