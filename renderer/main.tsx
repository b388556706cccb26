import './style.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { followCore } from './peer/core-state.ts'
import { followPeer } from './peer/mesh-store.ts'

const root = document.getElementById('page')
if (!root) throw new Error('the page has no place for its content')

let stop = () => {}
await followCore(follow)
follow()
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)

function follow(): void {
  stop()
  stop = followPeer()
}
