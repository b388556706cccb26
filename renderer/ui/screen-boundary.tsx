import { Component, type ReactNode } from 'react'
import { Button } from './button.tsx'
import { Empty } from './empty.tsx'

export interface ScreenBoundaryProps {
  readonly children: ReactNode
}

interface ScreenBoundaryState {
  readonly hasFailed: boolean
}

/** A screen that cannot be shown takes no other one with it: most often its code could not be fetched, or is of another release. */
export class ScreenBoundary extends Component<ScreenBoundaryProps, ScreenBoundaryState> {
  override readonly state: ScreenBoundaryState = { hasFailed: false }

  static getDerivedStateFromError(): ScreenBoundaryState {
    return { hasFailed: true }
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children
    return (
      <div role="alert" className="grid min-h-full place-content-center">
        <Empty
          title="This screen could not be shown"
          action={
            <Button look="primary" onClick={() => window.location.reload()}>
              Reload the page
            </Button>
          }
        >
          It could not be fetched from this Mac, or something in it went wrong. The other screens go on.
        </Empty>
      </div>
    )
  }
}
