package main

type evalIntentsCommand struct {
}

func (c *evalIntentsCommand) Run() error { return errUsage }
