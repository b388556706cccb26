import { Empty } from '../ui/empty.tsx'
import { View } from '../ui/view.tsx'

export function ChatView() {
  return (
    <View title="Chat">
      <Empty title="Nothing here yet." />
    </View>
  )
}
