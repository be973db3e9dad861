import { open } from 'node:fs/promises'
import { InputError } from '../errors.ts'

/**
 * Looks at the first bytes of a file ("GGUF", then a version; little-endian).
 * @returns its size in bytes
 * @throws InputError when it is missing, or is no GGUF
 */
export async function checkGguf(path: string): Promise<number> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`Expected a GGUF model at ${path}; ${error.code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${error.code})`}. Train one (clitron train NAME) or give another path.`)
  })
  try {
    const head = Buffer.alloc(24)
    const { bytesRead } = await file.read(head, 0, 24, 0).catch(() => ({ bytesRead: 0 }))
    const { size } = await file.stat()
    if (bytesRead < 24 || head.toString('latin1', 0, 4) !== 'GGUF') {
      throw new InputError(`Expected a GGUF model at ${path}; found ${describeHead(head.subarray(0, bytesRead))}. Give the .gguf file that Clitron wrote under training/models/.`)
    }
    const version = head.readUInt32LE(4)
    if (version < 2 || version > 3) throw new InputError(`The GGUF at ${path} has format version ${version}; this llama.cpp reads 2 and 3. Quantize the model again.`)
    return size
  } finally {
    await file.close()
  }
}

function describeHead(head: Buffer): string {
  if (head.length === 0) return 'an empty file or a folder'
  if (head.length < 24) return `a file of ${head.length} bytes`
  return `a file that begins with ${JSON.stringify(head.toString('latin1', 0, 8))}`
}
