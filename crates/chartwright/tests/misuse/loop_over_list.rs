use chartwright::Val;

fn hosts(hosts: &Val<Vec<String>>) -> usize {
    let mut count = 0;
    for _ in hosts {
        count += 1;
    }
    count
}

fn main() {
    hosts(&vec![].into());
}
