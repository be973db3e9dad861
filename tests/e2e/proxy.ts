import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What a network does with connections: it lets them through, ends and refuses them, or keeps them and swallows all that is said. */
export type Network = 'passes' | 'refuses' | 'hangs'

export interface Proxy {
  port: number
  /** Connections that were silent cannot be told from dead ones, so they end when the network changes. */
  become: (network: Network) => Promise<void>
  /** After so many more bytes of answers ends the connection by which they came, in the middle of its answer, and resolves. */
  cutAfter: (bytes: number) => Promise<void>
  close: () => Promise<void>
}

/** A TCP proxy before a server on this machine. */
export async function proxyTo(target: number): Promise<Proxy> {
  const pairs = new Set<() => void>()
  let network: Network = 'passes'
  let cut: { bytes: number; done: () => void } | undefined

  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    const end = () => {
      pairs.delete(end)
      near.destroy()
      far.destroy()
    }
    pairs.add(end)
    const pass = (to: Socket) => (data: Buffer) => {
      if (network === 'hangs') return
      if (to !== near || !cut || (cut.bytes -= data.length) > 0) return to.write(data)
      near.end(data.subarray(0, data.length + cut.bytes))
      far.destroy()
      cut.done()
      cut = undefined
    }
    near.on('data', pass(far)).on('close', end).on('error', end)
    far.on('data', pass(near)).on('close', end).on('error', end)
  })
  const listen = (port: number) => new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  const endAll = () => pairs.forEach((end) => end())
  const close = () => new Promise<void>((resolve) => {
    server.close(() => resolve())
    endAll()
  })

  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    port,
    async become(next) {
      if (network === 'hangs') endAll()
      network = next
      if (next === 'refuses') await close()
      else if (!server.listening) await listen(port)
    },
    cutAfter: (bytes) => new Promise((done) => (cut = { bytes, done })),
    close,
  }
}
