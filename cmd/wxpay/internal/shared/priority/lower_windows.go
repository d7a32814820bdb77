package priority

import "golang.org/x/sys/windows"

func lower() {
	self := windows.CurrentProcess()
	if now, err := windows.GetPriorityClass(self); err == nil && now == windows.NORMAL_PRIORITY_CLASS {
		_ = windows.SetPriorityClass(self, windows.BELOW_NORMAL_PRIORITY_CLASS)
	}
}
