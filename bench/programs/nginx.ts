import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findFreePort } from '../../main/fabric/free-port.ts'
import { hasProgram } from './cores.ts'

import { type Program, startProgram } from './program.ts'

/** Debian keeps it where only root's PATH looks. */
const binary = ['nginx', '/usr/sbin/nginx'].find(hasProgram)

export const nginxMissing: string | null =
  binary === undefined ? 'nginx is not installed (Debian: apt-get install nginx-light)' : null

/** nginx as a reverse proxy: one process, kept connections on both sides, no log, nothing buffered on the way. */
export async function startNginx(upstreamPort: number, folder: string): Promise<Program & { port: number }> {
  const port = await findFreePort('127.0.0.1')
  const file = join(folder, 'nginx.conf')
  await writeFile(file, configuration(port, upstreamPort, folder))
  const program = await startProgram({
    name: 'nginx',
    command: binary ?? 'nginx',
    args: ['-p', folder, '-c', file, '-e', 'stderr'],
    place: 'under-test',
    ready: /start worker process|using the "epoll" event method/,
    readyWithinMs: 10_000,
  })
  return { ...program, port }
}

function configuration(port: number, upstreamPort: number, folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map(name => `${name}_temp_path ${folder}/${name};`)
    .join('\n  ')
  return `
daemon off;
master_process off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 1024; }
http {
  access_log off;
  ${temporary}
  upstream behind {
    server 127.0.0.1:${upstreamPort};
    keepalive 256;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    keepalive_requests 1000000000;
    location / {
      proxy_pass http://behind;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`
}
