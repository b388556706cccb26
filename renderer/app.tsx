// The frame around every screen: where one can go, how the mesh is, and what is in the way.
import { Suspense, useEffect, useRef } from 'react'
import { useKeyState } from './peer/api-key.ts'
import { useMeshState } from './peer/mesh-store.ts'
import { Banner } from './ui/banner.tsx'
import { KeyForm } from './ui/key-form.tsx'
import { Loading } from './ui/loading.tsx'
import { usePlace } from './ui/location.ts'
import { Navigation } from './ui/navigation.tsx'
import { NoMesh } from './ui/no-mesh.tsx'
import { ScreenBoundary } from './ui/screen-boundary.tsx'
import { SkipLink } from './ui/skip-link.tsx'
import { UpdateNotice } from './ui/update-notice.tsx'
import { screenAt, WelcomeView } from './views.ts'

export function App() {
  const [path] = usePlace().segments
  if (path === 'welcome') {
    return (
      <div className="flex h-full flex-col">
        <Banner />
        <Content View={WelcomeView} place="welcome" />
      </div>
    )
  }
  const current = screenAt(path)
  return (
    <div className="flex h-full flex-col-reverse md:flex-row">
      <SkipLink />
      <Navigation current={current} />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <Banner />
        <UpdateNotice />
        <Content View={current.View} place={current.path} />
      </div>
    </div>
  )
}

interface ContentProps {
  readonly View: React.ComponentType
  readonly place: string
}

function Content({ View, place }: ContentProps) {
  const isKnown = useMeshState(({ mesh }) => mesh !== null)
  const wantsKey = useKeyState(({ isWanted }) => isWanted)
  const main = useRef<HTMLElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another screen begins at its top
  useEffect(() => {
    main.current?.scrollTo(0, 0)
  }, [place])
  return (
    <main
      ref={main}
      id="content"
      tabIndex={-1}
      className="relative min-h-0 flex-1 overflow-y-auto outline-none"
    >
      {wantsKey ? (
        <KeyForm />
      ) : isKnown ? (
        <ScreenBoundary key={place}>
          <Suspense fallback={<Loading />}>
            <View />
          </Suspense>
        </ScreenBoundary>
      ) : (
        <NoMesh />
      )}
    </main>
  )
}
