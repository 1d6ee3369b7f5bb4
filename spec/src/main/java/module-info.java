/** The annotation that ties a test to a row of the behaviour specification. */
module dev.rondo.spec {
    exports dev.rondo.spec;
}
