package suite

import "testing"

func TestOffsetsOfRecoverySessionsAreTakenAway(t *testing.T) {
	for name, packets := range map[string][][2]string{
		"with offsets": {
			{`40{"sid":"a","pid":"b"}`, `40{"sid":"a","pid":"b"}`},
			{`42["auth",{},"o1"]`, `42["auth",{}]`},
			{`42["message-back",1, "x","o2"]`, `42["message-back",1,"x"]`},
			{`452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1},"o3"]`, `452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`},
			{`42["empty","o4"]`, `42["empty"]`},
			{`427["question","x"]`, `427["question","x"]`},
			{`432["x"]`, `432["x"]`},
			{`42["not","a string",5]`, `42["not","a string",5]`},
			{`42/other,["message-back","x"]`, `42/other,["message-back","x"]`},
			{`42["broken"`, `42["broken"`},
			{`2`, `2`}, {`bAQID`, `bAQID`}, {``, ``},
		},
		"in a namespace": {
			{`40/a,{"sid":"a","pid":"b"}`, `40/a,{"sid":"a","pid":"b"}`},
			{`42/a,["auth",{"token":1},"o1"]`, `42/a,["auth",{"token":1}]`},
			{`42/a,["message-back","x","o2"]`, `42/a,["message-back","x"]`},
			{`42["message-back","x","y"]`, `42["message-back","x","y"]`},
		},
		"to an observer": {
			{`40/conformance,{"sid":"a","pid":"b"}`, `40/conformance,{"sid":"a","pid":"b"}`},
			{`42/conformance,["entry",{"seq":1},"o1"]`, `42/conformance,["entry",{"seq":1}]`},
			{`40/a,{"sid":"a","pid":"b"}`, `40/a,{"sid":"a","pid":"b"}`},
			{`42/a,["entry",{},"x"]`, `42/a,["entry",{},"x"]`},
		},
		"without a pid what comes is the application's": {
			{`40{"sid":"a"}`, `40{"sid":"a"}`},
			{`42["auth",{},"o1"]`, `42["auth",{},"o1"]`},
			{`42["message-back","x","y"]`, `42["message-back","x","y"]`},
		},
		"a pid alone": {
			{`40{"sid":"a","pid":"b"}`, `40{"sid":"a","pid":"b"}`},
			{`42["auth",{}]`, `42["auth",{}]`},
			{`42["message-back","x","y"]`, `42["message-back","x","y"]`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var r recovery
			for _, one := range packets {
				if got := r.seen(one[0]); got != one[1] {
					t.Errorf("%s became %s, want %s", one[0], got, one[1])
				}
			}
		})
	}
}
