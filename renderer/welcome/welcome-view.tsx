import { Empty } from '../ui/empty.tsx'
import { View } from '../ui/view.tsx'

export function WelcomeView() {
  return (
    <View title="Welcome">
      <Empty title="Nothing here yet." />
    </View>
  )
}
