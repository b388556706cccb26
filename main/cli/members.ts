// `mlx-mesh members`, `remove`, `leave` and `rename`: who belongs to the mesh.
import { parseArgs } from 'node:util'
import { CommandError } from '../client/command-error.ts'
import { findPeer } from '../client/peer-client.ts'
import { closestTo } from '../config/closest.ts'
import { type MemberRecord, type MeshAnswer, meshAnswer } from '../protocol/mesh-answer.ts'
import { formatTable } from './format.ts'
import { peerOptions } from './peer-options.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export async function runMembers(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({ args, options: peerOptions })
  const answer = await findPeer(terminal, values.url).get('/api/mesh', meshAnswer)
  const { mesh, members, nearby, problem } = answer
  if (values.json) {
    terminal.say(`${JSON.stringify({ mesh, members, nearby, problem })}\n`)
    return 0
  }
  terminal.say(describe(answer))
  if (problem !== null) terminal.note(`${problem}\n`)
  return 0
}

export async function runRemove(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { wanted, values } = readWords(args, 'expected the name or the id of one Mac.')
  const peer = findPeer(terminal, values.url)
  const member = findMember(await peer.get('/api/mesh', meshAnswer), wanted)
  const after = await peer.post(`/api/mesh/members/${member.workerId}/remove`, {}, meshAnswer)
  if (values.json) terminal.say(`${JSON.stringify({ removed: member, members: after.members })}\n`)
  else terminal.say(`${member.name} is out of the mesh, and the others have a new secret.\n`)
  return 0
}

export async function runLeave(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({ args, options: peerOptions })
  const peer = findPeer(terminal, values.url)
  const { mesh } = await peer.get('/api/mesh', meshAnswer)
  if (!mesh) throw new CommandError('this Mac is in no mesh.')
  await peer.post('/api/mesh/leave', {}, meshAnswer)
  if (values.json) terminal.say(`${JSON.stringify({ left: mesh })}\n`)
  else terminal.say(`This Mac has left the mesh "${mesh.name}".\n`)
  return 0
}

export async function runRename(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { wanted, values } = readWords(args, 'expected a name.')
  const { self } = await findPeer(terminal, values.url).post('/api/mesh/rename', { name: wanted }, meshAnswer)
  if (values.json) terminal.say(`${JSON.stringify({ self })}\n`)
  else terminal.say(`This Mac is called ${self.name} now.\n`)
  return 0
}

/** A name may have spaces, with or without quotes. */
function readWords(args: string[], expected: string) {
  const { values, positionals } = parseArgs({ args, options: peerOptions, allowPositionals: true })
  const wanted = positionals.join(' ').trim()
  if (wanted === '') throw new CommandError(expected, 2)
  return { wanted, values }
}

function findMember({ mesh, members }: MeshAnswer, wanted: string): MemberRecord {
  if (!mesh) throw new CommandError('this Mac is in no mesh.')
  const lower = wanted.toLowerCase()
  const found = members.filter(({ name, workerId }) => workerId === wanted || name.toLowerCase() === lower)
  if (found.length > 1) {
    const ids = found.map(({ workerId, self }) => (self ? `${workerId} (this Mac)` : workerId)).join(', ')
    throw new CommandError(`${found.length} Macs are called "${wanted}". Say which one by its id: ${ids}.`)
  }
  const [member] = found
  if (member?.self) throw new CommandError('that is this Mac: "mlx-mesh leave" leaves the mesh.')
  if (member) return member
  const names = members.filter(({ self }) => !self).map(({ name }) => name)
  const near = closestTo(wanted, names)
  const hint =
    near === null ? `Macs in it: ${names.join(', ') || 'only this one'}.` : `Did you mean "${near}"?`
  throw new CommandError(`there is no Mac "${wanted}" in the mesh. ${hint}`)
}

function describe({ mesh, members, nearby }: MeshAnswer): string {
  const meshes = nearby.filter(({ meshId }) => meshId !== null && meshId !== mesh?.meshId)
  const others = meshes.map(({ meshName, name }) => `Nearby: the mesh "${meshName}" (${name})\n`).join('')
  if (!mesh)
    return `This Mac is in no mesh. "mlx-mesh invite" here or there, then "mlx-mesh join" on the other Mac, makes one.\n${others}`
  const rows = members.map(({ name, workerId, self, online }) => [
    name,
    self ? 'this Mac' : online ? 'online' : 'offline',
    workerId,
  ])
  return `Mesh "${mesh.name}"\n\n${formatTable([['MAC', 'STATE', 'ID'], ...rows])}${others && `\n${others}`}`
}
